from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus_testing

NAMES = [
    "ASGIMessageError",
    "AsyncClient",
    "AsyncStream",
    "AsyncWebSocket",
    "BaseUrlConflictError",
    "CliRunner",
    "Client",
    "ClientClosedError",
    "ContextHost",
    "Cookie",
    "CookiesDisabledError",
    "EnvironBuilder",
    "ForeignRedirectError",
    "LeakedContextError",
    "LifespanError",
    "LoopBlockedError",
    "MissingCommandError",
    "MissingSignalError",
    "NestedClientError",
    "NoPlaceInScopeError",
    "NoWebSocketsError",
    "RedirectLoopError",
    "SessionUnavailableError",
    "TestingError",
    "UnansweredError",
    "WebSocket",
    "WebSocketClosed",
    "WebSocketDenied",
    "captured_templates",
    "no_leaks",
    "recorded_logs",
    "recorded_signals",
]


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded for `code`."""
    report = "print(*{name.partition('.')[0] for name in sys.modules})"
    output = subprocess.check_output(
        [sys.executable, "-c", f"import sys\n{code}\n{report}"], text=True
    )
    return set(output.split())


def test_the_door_shows_these_names() -> None:
    assert tantalus_testing.__all__ == NAMES
    assert set(NAMES) <= set(dir(tantalus_testing))


@pytest.mark.parametrize("name", NAMES)
def test_each_name_can_be_imported(name: str) -> None:
    assert getattr(tantalus_testing, name).__name__ == name


def test_any_other_name_is_missing() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        tantalus_testing.Nothing  # type: ignore[attr-defined] # noqa: B018 - the point of the test


def test_importing_the_door_loads_nothing_outside_the_standard_library() -> None:
    before = modules_after("")

    loaded = modules_after("import tantalus_testing") - before

    assert loaded - sys.stdlib_module_names == {"tantalus_testing"}


def test_the_client_of_a_wsgi_app_needs_no_asyncio() -> None:
    used = "import tantalus_testing\ntantalus_testing.Client(lambda environ, start: [])"

    assert "asyncio" not in modules_after(used)


def test_importing_everything_loads_what_is_declared() -> None:
    before = modules_after("")

    loaded = modules_after("from tantalus_testing import *") - before

    assert loaded - sys.stdlib_module_names <= {
        "tantalus_testing",
        "werkzeug",
        "click",
        "markupsafe",  # of Werkzeug
    }
