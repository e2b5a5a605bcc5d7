from __future__ import annotations

import code
import sys
from collections.abc import Callable
from types import ModuleType

import pytest
from conftest import Invoke, Write
from fakes import FakeApp, plain_app

HOOK = "__interactivehook__"


@pytest.fixture(autouse=True)
def _no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, HOOK, raising=False)


def test_a_shell_knows_what_the_app_offers_inside_its_context(
    invoke: Invoke, app: FakeApp
) -> None:
    result = invoke("shell", app=app, input="print(answer, app.contexts)\n")

    assert result.exit_code == 0
    assert "42 1" in result.output
    assert "App: fake\nInstance: /srv/instance" in result.output
    assert app.contexts == 0


def test_a_shell_knows_a_plain_callable(invoke: Invoke) -> None:
    result = invoke("shell", app=plain_app, input="print(app.__name__)\n")

    assert "App: plain_app" in result.output
    assert "Instance:" not in result.output
    assert "plain_app\n" in result.output


def test_a_startup_file_runs_first(
    invoke: Invoke, write: Write, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("startup.py", "mine = 'é'\nanswer = 0\n")
    monkeypatch.setenv("PYTHONSTARTUP", str(path))

    result = invoke("shell", app=app, input="print(mine, answer)\n")

    assert "é 42" in result.output


def test_a_startup_file_that_is_gone_does_not_matter(
    invoke: Invoke, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "gone.py")

    assert invoke("shell", app=app).exit_code == 0


@pytest.mark.parametrize("available", [True, False], ids=["readline", "no readline"])
def test_names_are_completed_where_readline_is(
    available: bool, invoke: Invoke, app: FakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    completers: list[Callable[[str, int], str | None]] = []
    hooks: list[str] = []
    readline = ModuleType("readline")
    readline.set_completer = completers.append  # type: ignore[attr-defined] # a fake
    monkeypatch.setitem(sys.modules, "readline", readline if available else None)
    monkeypatch.setattr(code, "interact", lambda **options: None)
    monkeypatch.setattr(sys, HOOK, lambda: hooks.append("called"), raising=False)

    invoke("shell", app=app)

    assert hooks == ["called"]
    assert bool(completers) is available
    assert [complete("answ", 0) for complete in completers[-1:]] == (
        ["answer"] * available
    )


def test_a_shell_without_an_app_is_told(invoke: Invoke) -> None:
    result = invoke("shell")

    assert result.exit_code == 2
    assert "Could not locate an application" in result.output
