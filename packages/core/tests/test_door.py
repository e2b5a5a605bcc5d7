from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus

NAMES = [
    "App",
    "Blueprint",
    "Config",
    "Event",
    "Flask",
    "Observer",
    "Request",
    "Response",
    "WebSocket",
    "WebSocketClosed",
    "abort",
    "after_response",
    "after_this_request",
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "conditional",
    "copy_current_request_context",
    "csp_nonce",
    "current_app",
    "event_stream",
    "flash",
    "g",
    "get_flashed_messages",
    "get_template_attribute",
    "got_request_exception",
    "has_app_context",
    "has_request_context",
    "install_as_flask",
    "json",
    "jsonify",
    "last_event_id",
    "make_response",
    "message_flashed",
    "nonblocking",
    "redirect",
    "render_block",
    "render_template",
    "render_template_string",
    "request",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "send_file",
    "send_from_directory",
    "session",
    "stream_block",
    "stream_template",
    "stream_template_string",
    "stream_with_context",
    "template_rendered",
    "url_for",
    "websocket",
]

# Reached through the package, and loaded by whoever is first to do so.
MODULES = [
    "app",
    "blueprints",
    "cli",
    "debughelpers",
    "helpers",
    "logging",
    "sessions",
    "templating",
]

# What the package declares, and what these bring along.
DECLARED = {
    "blinker",
    "itsdangerous",
    "markupsafe",
    "tantalus",
    "tantalus_config",
    "tantalus_context",
    "tantalus_http",
    "tantalus_routing",
    "tantalus_sessions",
    "werkzeug",
}


def test_the_door_is_the_documented_surface() -> None:
    assert sorted(tantalus.__all__) == NAMES
    assert [name for name in NAMES if not hasattr(tantalus, name)] == []


def test_importing_loads_only_what_is_declared() -> None:
    code = """
import sys
before = set(sys.modules)
import tantalus
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - sys.stdlib_module_names))
"""

    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )

    assert {name for name in done.stdout.split() if name[0] != "_"} <= DECLARED


def test_importing_loads_nothing_that_a_small_program_has_no_use_for() -> None:
    code = """
import sys
import tantalus
tantalus.App("hello").get("/")(lambda: "Hello")
print(*(name for name in sys.argv[1:] if f"tantalus.{name}" in sys.modules))
"""
    late = [
        "_answers._files",
        "_answers._flash",
        "_answers._rendering",
        "_answers._streaming",
        "_flask",
    ]

    done = subprocess.run(
        [sys.executable, "-I", "-c", code, *MODULES, *late],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "\n"


@pytest.mark.parametrize("name", ["flash", "render_template", "Flask"])
def test_a_name_that_is_loaded_late_is_looked_up_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tantalus, name, raising=False)

    found = getattr(tantalus, name)

    assert vars(tantalus)[name] is found


def test_names_that_are_loaded_late_are_listed_like_the_others() -> None:
    assert set(NAMES) <= set(dir(tantalus))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_reached_through_the_package_by_whoever_is_first(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tantalus, name, raising=False)

    assert getattr(tantalus, name) is sys.modules[f"tantalus.{name}"]


def test_any_other_name_is_missing_as_from_every_module() -> None:
    missing = "nowhere"

    with pytest.raises(AttributeError, match="module 'tantalus' has no attribute"):
        getattr(tantalus, missing)
