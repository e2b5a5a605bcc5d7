from __future__ import annotations

from reports import Comparison, compare
from suites import Suite
from table import page, text


def results() -> list[Comparison]:
    flask = Suite(
        "flask",
        "3.1.3",
        kind="framework",
        left_out={"tests/test_x.py": "Wants a server."},
        allowed={"b": "Its own file layout."},
    )
    return [
        compare(flask, {"a": "passed", "b": "passed"}, {"a": "passed"}),
        compare(Suite("ours"), {"c": "passed"}, {"c": "failed"}),
    ]


def test_the_text_has_a_row_for_each_suite_and_tells_what_is_wrong() -> None:
    assert text(results()).splitlines() == [
        "suite        both  lost  gained  fail on Flask too  skipped",
        "flask 3.1.3     1     1       0                  0        0",
        "ours            0     1       0                  0        0",
        "all             1     2       0                  0        0",
        "ours: lost c",
        "ours: no test has passed on both",
    ]


def test_an_outdated_reason_is_told() -> None:
    result = compare(
        Suite("s", allowed={"a": "Why."}), {"a": "passed"}, {"a": "passed"}
    )

    assert text([result]).splitlines()[-1] == (
        "s: not lost any more, in suites.toml: a"
    )


def test_the_page_has_the_table_the_reasons_and_what_has_no_tests() -> None:
    written = page(results(), {"flask-mail": "0.10.0"})

    assert (
        "the tests of Flask 3.1.3, of\n1 extension and of 0 applications, as" in written
    )
    assert "| flask 3.1.3 | 1 | 1 | 0 | 0 | 0 |\n| 1 extension | 0 | 1 |" in written
    assert "| 0 applications | 0 | 0 | 0 | 0 | 0 |\n| all | 1 | 2 |" in written
    assert "- flask, `b`: Its own file layout." in written
    assert "- ours, `c`: Not explained: a fault of ours." in written
    assert "- flask, `tests/test_x.py`: Wants a server." in written
    assert written.endswith("flask-mail 0.10.0.\n")
