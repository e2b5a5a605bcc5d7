"""Run commands inside the context of the app, pushed once per call."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast, overload

import click

from tantalus_cli._app import HasContext, app_title, has
from tantalus_cli._errors import MissingAbility
from tantalus_cli._script import ScriptInfo
from tantalus_cli._settings import current_settings

F = TypeVar("F", bound=Callable[..., Any])

# Key in `Context.meta`, which a Click context shares with those below it.
_ENTERED = "tantalus_cli.app_of_entered_context"


def with_appcontext(f: F) -> F:
    """Wrap a command callback so that it runs with the app's context active.

    Raises:
        NoAppException: When the command runs: no app can be loaded.
        MissingAbility: When the command runs: the app has no `app_context()`.
    """

    @click.pass_context
    def run_in_context(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        if _active_app(ctx) is None:
            app = ctx.ensure_object(ScriptInfo).load_app()
            if not enter_app_context(ctx, app):
                ability = "app_context"
                if has(app, ability):  # which is entered by `async with`
                    ability = "synchronous app_context"
                raise MissingAbility(
                    app_title(app), ability, f"{ctx.info_name!r} cannot run in it"
                )
        return ctx.invoke(f, *args, **kwargs)

    # The wrapper takes the parameters of `f`; Click supplies the context.
    return cast(F, update_wrapper(run_in_context, f))


def enter_app_context(ctx: click.Context, app: object) -> bool:
    """Enter a context of `app` until `ctx` closes, unless one is active already.

    An app without `app_context()` is left as it is, and so is one whose contexts are
    entered by `async with`.

    Returns:
        Whether a context is active.
    """
    if _active_app(ctx) is app:
        return True
    if not has(app, "app_context"):
        return False
    context = cast(HasContext, app).app_context()  # has() just told so
    if not hasattr(type(context), "__enter__"):
        return False
    ctx.with_resource(context)
    previous = ctx.meta.get(_ENTERED)
    ctx.meta[_ENTERED] = app
    ctx.call_on_close(lambda: ctx.meta.update({_ENTERED: previous}))
    return True


def _active_app(ctx: click.Context) -> object | None:
    active: object | None = current_settings().active_app()
    return ctx.meta.get(_ENTERED) if active is None else active


class AppGroup(click.Group):
    """A group whose commands run with the app's context active.

    A subclass may replace `with_appcontext`, the wrapper that does it.
    """

    with_appcontext = staticmethod(with_appcontext)

    @overload
    def command(self, __func: Callable[..., Any]) -> click.Command: ...

    @overload
    def command(
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Command]: ...

    def command(
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Command] | click.Command:
        """Add a command, as `click.Group.command` does, inside the app's context.

        Args:
            args: As for Click.
            kwargs: As for Click, and `with_appcontext=False` to do without.
        """
        wrap = self.with_appcontext if kwargs.pop("with_appcontext", True) else _as_is
        if args and callable(args[0]):
            callback: Callable[..., Any] = wrap(args[0])
            made: click.Command = super().command(callback)
            return made
        add: Callable[..., click.Command] = super().command(*args, **kwargs)
        return lambda function: add(wrap(function))


def _as_is(function: F) -> F:
    return function


# What `group()` makes: a group of this class, also below a subclass that loads apps.
AppGroup.group_class = AppGroup
