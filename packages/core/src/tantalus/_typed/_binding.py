"""The end of the set-up for typed views: they are bound, if there are any."""
# ruff: noqa: PLC0415 - what only typed views need is loaded with the first of them

from __future__ import annotations

from typing import Any

from .._state._app import AppState
from ._candidates import candidates, may_be_typed


class TypedNotInstalled(ImportError):
    """Something is to be typed, and what makes it so is not there."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} needs the package tantalus-typed. Install it:"
            " pip install 'tantalus[typed]'."
        )


def bind_typed_views(app: AppState) -> None:
    """Let views be called with the data of requests that their signatures ask for.

    May be called again, once there are more views.

    Raises:
        TypedNotInstalled: A route says `typed=True`.
        TypeError: The signature of a typed view cannot be read; says where, and why.
    """
    found = [one for one in candidates(app) if may_be_typed(one)]
    if not found and app.typed_views is None:
        return
    try:
        import tantalus_typed  # noqa: F401 - whether it is there
    except ImportError:
        opted = [one for one in found if one.opted is not False]
        if opted:
            endpoint = opted[0].rule.endpoint
            raise TypedNotInstalled(f"typed=True for {endpoint!r}") from None
        return
    from ._views import typed_views_of

    typed_views_of(app).bind(found)


def about_to_type(what: str) -> None:
    """Refuse what needs tantalus-typed, where that is not.

    Args:
        what: Who asks, for the error.

    Raises:
        TypedNotInstalled: It is not installed.
    """
    try:
        import tantalus_typed  # noqa: F401 - whether it is there
    except ImportError:
        raise TypedNotInstalled(what) from None


def typed_views(app: AppState, what: str) -> Any:
    """Return the typed views of an app, all bound, also if there are none.

    Args:
        what: Who asks, for the error.

    Raises:
        TypedNotInstalled: They cannot be.
        TypeError: The signature of one cannot be read.
    """
    about_to_type(what)
    from ._views import typed_views_of

    views = typed_views_of(app)
    bind_typed_views(app)
    return views
