from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tantalus import App

LEAVES = """\
from tantalus import App

shop = App("shop")


def test_that_leaves_a_context():
    shop.app_context().push()


def test_that_is_clean():
    with shop.app_context():
        pass
"""


def test_the_app_tells_leak_checks_what_is_current(app: App) -> None:
    assert app.context_probe() == []
    app.record_pushes(True)
    try:
        with app.app_context() as ctx:
            assert app.context_probe() == [ctx]
            assert "test_leaks.py" in str(ctx.pushed_at)
    finally:
        app.record_pushes(False)


def test_the_leak_check_finds_contexts_of_any_app(tmp_path: Path) -> None:
    (tmp_path / "test_shop.py").write_text(LEAVES)
    command = [sys.executable, "-m", "pytest", "-q", "--leak-check", str(tmp_path)]

    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert "2 passed, 1 error" in done.stdout
    assert "test_that_leaves_a_context" in done.stdout
    assert f"{tmp_path}/test_shop.py:7" in done.stdout
