"""What an app loads when it first uses it, by its types and by its decorators.

Jinja, Click, the test client and the development server take longer to load than all
the rest together (measured). The methods that need one import it; what is here stands
for it until then.
"""
# ruff: noqa: PLC0415 - the module's purpose, told above

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

if TYPE_CHECKING:  # loaded when they are first used: here for annotations alone
    from jinja2 import BaseLoader as BaseLoader

    from tantalus_templating import Problem as Problem
    from tantalus_testing import AsyncClient as AsyncClient

    from .._live._lifespan import AppLifespan as AppLifespan
    from ..cli import AppGroup as AppGroup
    from ..templating import DispatchingJinjaLoader as DispatchingJinjaLoader
    from ..templating import Environment as Environment
    from ..testing import FlaskClient as FlaskClient
    from ..testing import FlaskCliRunner as FlaskCliRunner

F = TypeVar("F", bound=Callable[..., Any])


class JinjaEnvironmentClass:
    """The class attribute `jinja_environment`, which is loaded when it is read."""

    def __get__(self, app: object, owner: type) -> type[Environment]:
        from ..templating import Environment

        return Environment


@lru_cache(maxsize=1024)
def autoescapes(name: str | None, *, safe: bool) -> bool:
    """Tell whether a template of that name is escaped.

    Args:
        safe: Look before the ending of template files too (`page.html.j2`), and escape
            what has no known ending of plain text.
    """
    from tantalus_templating import autoescape_html, autoescape_safe

    return autoescape_safe(name) if safe else autoescape_html(name)


class Registers(Protocol):
    """A decorator that takes a name in parentheses, or stands without any."""

    @overload
    def __call__(self, name: F, /) -> F: ...
    @overload
    def __call__(self, name: str | None = None) -> Callable[[F], F]: ...


class Registrar(Protocol):
    """A method that is such a decorator."""

    def __get__(self, app: object, owner: type) -> Registers:
        """Return it bound to an app."""
        ...


def registrar(add: str) -> Registrar:
    """Return the method that registers a function by calling the method `add`."""

    def register(self: object, name: Any = None) -> Any:
        from tantalus_templating import registration

        return registration(getattr(self, add), name)

    register.__name__ = add.removeprefix("add_")
    register.__doc__ = f"Decorate a function, with its name or without: see `{add}`."
    return register


def template_name(value: Any, name: str | None) -> str:
    """Return the name that templates know a value by: as given, else a function's own.

    Raises:
        UnnamedFunction: There is neither.
    """
    if name:
        return name
    from tantalus_templating import function_name

    return function_name(value)
