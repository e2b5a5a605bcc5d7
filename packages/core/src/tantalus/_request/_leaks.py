"""What a leak check asks: the app and this module offer it (see `tantalus_testing`)."""

from __future__ import annotations

from ..ctx import AppContext, _cv_app


def context_probe() -> list[AppContext]:
    """Return the contexts, of whatever app, that are current here."""
    context = _cv_app.get(None)
    return [] if context is None else [context]


def record_pushes(enabled: bool) -> None:
    """Let contexts remember where they were pushed."""
    AppContext.record_pushes = enabled
