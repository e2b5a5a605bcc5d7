from __future__ import annotations

import pickle

import pytest

from tantalus_context import ContextError, LeavingError, NotPushedError, PopOrderError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(
            NotPushedError("<Job a>", "pop"),
            "Cannot pop '<Job a>': it is not pushed. Push it first, and pop it once"
            " for each push.",
            id="not pushed",
        ),
        pytest.param(
            LeavingError("<Job a>", "push"),
            "Cannot push '<Job a>': its teardown has begun. During teardown it is"
            " still current, and is popped at its end.",
            id="leaving",
        ),
        pytest.param(
            PopOrderError("<Job a>", "<Job b>", None),
            "Popped '<Job a>' while '<Job b>' was current. Pop contexts in the reverse"
            " order of their pushes, or use 'with'.",
            id="order",
        ),
        pytest.param(
            PopOrderError("<Job a>", "<Job b>", "app.py:7 in view"),
            "Popped '<Job a>' while '<Job b>' (pushed at app.py:7 in view) was"
            " current. Pop contexts in the reverse order of their pushes, or use"
            " 'with'.",
            id="order with place",
        ),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(
    error: ContextError, text: str
) -> None:
    assert str(error) == text


def test_an_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(PopOrderError("a", "b", "c.py:1 in d")))

    assert (error.popped, error.current, error.pushed_at) == ("a", "b", "c.py:1 in d")
