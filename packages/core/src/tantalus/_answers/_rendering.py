"""Rendering templates of the current app: its context processors, its signals.

Jinja itself is loaded when an app's environment is first used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from blinker import Signal

from .._state._app import AppState
from ..ctx import AppContext, current_app_context
from ..signals import before_render_template, template_rendered
from ._streaming import stream_with_context

Variables = dict[str, Any]
F = TypeVar("F", bound=Callable[..., object])

__all__ = [
    "get_template_attribute",
    "render_block",
    "render_template",
    "render_template_string",
    "stream_block",
    "stream_template",
    "stream_template_string",
]

# Where suites replace `_render`; for them it is the module `flask.templating`.
_SURFACE = "tantalus.templating"


class Template(Protocol):
    """A template of Jinja, which is loaded with the first one."""

    def render(self, variables: Variables, /) -> str:
        """Return its text."""
        ...

    def generate(self, variables: Variables, /) -> Iterator[str]:
        """Return its text in pieces."""
        ...


TemplateName = str | Template | list[str | Template]


def render_template(template_name_or_list: TemplateName, **context: Any) -> str:
    """Return the text of a template.

    Args:
        template_name_or_list: A name, or several of which the first that exists counts.
        context: The variables of the template, beside those of context processors.

    Raises:
        jinja2.TemplateNotFound: No folder of the app or its blueprints has it.
    """
    ctx, template = _found(template_name_or_list)
    return _in_place_of(_render)(ctx.app, template, context)


def render_template_string(source: str, **context: Any) -> str:
    """Return the text of a template given as a string, with autoescaping."""
    ctx = current_app_context()
    template = ctx.app.jinja_env.from_string(source)
    return _in_place_of(_render)(ctx.app, template, context)


def stream_template(
    template_name_or_list: TemplateName, **context: Any
) -> Iterator[str]:
    """Return the text of a template in pieces, made while they are sent.

    The context of the request is kept until the last piece.
    """
    ctx, template = _found(template_name_or_list)
    return _in_place_of(_stream)(ctx.app, template, context)


def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """Return the text of a template given as a string in pieces."""
    ctx = current_app_context()
    template = ctx.app.jinja_env.from_string(source)
    return _in_place_of(_stream)(ctx.app, template, context)


def render_block(
    template_name_or_list: TemplateName, block: str, **context: Any
) -> str:
    """Return the text of one block of a template, with the context of a full render.

    Raises:
        tantalus_templating.BlockMissing: Neither the template nor a parent has it.
    """
    ctx, template = _found(template_name_or_list)
    _prepare(ctx, template, context)
    import tantalus_templating as templating  # noqa: PLC0415 - Jinja is loaded by now

    text = templating.render_block(template, block, context)  # type: ignore[arg-type]  # Jinja's
    _announce(template_rendered, ctx.app, template, context)
    return text


def stream_block(
    template_name_or_list: TemplateName, block: str, **context: Any
) -> Iterator[str]:
    """Return the text of one block of a template in pieces."""
    ctx, template = _found(template_name_or_list)
    _prepare(ctx, template, context)
    import tantalus_templating as templating  # noqa: PLC0415 - Jinja is loaded by now

    pieces = templating.stream_block(template, block, context)  # type: ignore[arg-type]  # Jinja's
    return _kept(ctx, template, context, pieces)


def get_template_attribute(template_name: str, attribute: str) -> Any:
    """Return a macro or variable that a template exports, to be used from Python."""
    environment = current_app_context().app.jinja_env
    exports = environment.get_template(template_name).module
    return getattr(exports, attribute)


def _found(name_or_list: TemplateName) -> tuple[AppContext, Template]:
    ctx = current_app_context()
    return ctx, ctx.app.jinja_env.get_or_select_template(name_or_list)


def _prepare(ctx: AppContext, template: Template, context: Variables) -> None:
    app = ctx.app
    app.steps.update_template_context(app, ctx, context)
    _announce(before_render_template, app, template, context)


def _announce(
    signal: Signal, app: AppState, template: Template, context: Variables
) -> None:
    if signal.receivers:
        signal.send(
            app, _async_wrapper=app.ensure_sync, template=template, context=context
        )


def _in_place_of(function: F) -> F:
    """Return `function`, or what a suite has put in its place."""
    found: F = getattr(sys.modules.get(_SURFACE), function.__name__, function)
    return found


def _render(app: AppState, template: Template, context: Variables) -> str:
    _prepare(current_app_context(), template, context)
    text = template.render(context)
    _announce(template_rendered, app, template, context)
    return text


def _stream(app: AppState, template: Template, context: Variables) -> Iterator[str]:
    ctx = current_app_context()
    _prepare(ctx, template, context)
    return _kept(ctx, template, context, template.generate(context))


def _kept(
    ctx: AppContext, template: Template, context: Variables, pieces: Iterator[str]
) -> Iterator[str]:
    def announced() -> Iterator[str]:
        yield from pieces
        _announce(template_rendered, ctx.app, template, context)

    if ctx.request_context is None:
        return announced()
    return stream_with_context(announced())
