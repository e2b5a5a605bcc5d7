"""The two programs of the page for those who come from FastAPI answer alike."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "from-fastapi.md"
BLOCK = re.compile(r"^```(py|python)\n(.*?)^```$", re.M | re.S)
ADA = {"X-Token": "t1"}
ORDER = {"sku": "tea", "count": 2}
ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/shops/7/orders", {}),
    ("GET", "/shops/7/orders?tag=a&tag=b&page=2", {}),
    ("GET", "/shops/7/orders?page=x", {}),
    ("POST", "/shops/7/orders", {"json": ORDER, "headers": ADA}),
    ("POST", "/shops/7/orders", {"json": {"sku": "tea"}, "headers": ADA}),
    ("POST", "/shops/7/orders", {"json": {"sku": "tea", "count": 0}, "headers": ADA}),
    ("POST", "/shops/7/orders", {"json": ORDER, "headers": {"X-Token": "t2"}}),
    ("POST", "/shops/7/orders", {"json": ORDER}),
    ("GET", "/none", {}),
]


def programs() -> dict[str, Any]:
    """Return the app of each program: by "py" theirs, by "python" ours."""
    apps: dict[str, Any] = {}
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        names: dict[str, Any] = {"__name__": f"page_{language}"}
        if language not in apps:
            exec(compile(text, str(PAGE), "exec"), names)
            apps[language] = names["app"]
    return apps


@pytest.mark.parametrize(("method", "path", "options"), ASKED)
def test_both_programs_answer_alike(
    method: str, path: str, options: dict[str, Any]
) -> None:
    testing = pytest.importorskip("fastapi.testclient")
    apps = programs()

    theirs = testing.TestClient(apps["py"]).request(method, path, **options)
    ours = apps["python"].test_client().open(path, method=method, **options)

    assert ours.status_code == theirs.status_code
    if theirs.status_code < 400:
        assert ours.get_json() == theirs.json()
