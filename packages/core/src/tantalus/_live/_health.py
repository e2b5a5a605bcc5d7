"""Whether a process lives, and whether it is ready for requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .._state._app import AppState
from ..ctx import current_app_context
from ..wrappers import Response

#: Is all well? Raising, or returning False, says no.
Check = Callable[[], object]

_PROBLEM = "application/problem+json"  # RFC 9457


def alive() -> Response:
    """Answer that the process does."""
    return _answer("alive")


def readiness_of(checks: Iterable[Check]) -> Callable[[], Response]:
    """Return a view that tells whether the process is ready, by these checks."""
    kept = tuple(checks)

    def ready() -> Response:
        app = current_app_context().app
        lifespan = vars(app).get("lifespan")
        if app.is_draining or (lifespan is not None and lifespan.is_stopping):
            return _problem("The process is stopping.")
        failed = [_name(check) for check in kept if not _passes(app, check)]
        if failed:
            return _problem(f"These checks failed: {', '.join(failed)}.")
        return _answer("ready")

    return ready


def _passes(app: AppState, check: Check) -> bool:
    try:
        return app.ensure_sync(check)() is not False
    except Exception:
        app.logger.exception("The check %s failed", _name(check))
        return False


def _name(check: Check) -> str:
    return getattr(check, "__name__", repr(check))


def _answer(status: str) -> Response:
    return _uncached(current_app_context().app.json.response(status=status))


def _problem(detail: str) -> Response:
    app = current_app_context().app
    made = app.json.response(
        type="about:blank", title="Service Unavailable", status=503, detail=detail
    )
    made.status_code, made.mimetype = 503, _PROBLEM
    return _uncached(made)


def _uncached(response: Any) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[no-any-return]  # the app's class
