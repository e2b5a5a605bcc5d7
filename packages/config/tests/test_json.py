from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_config._flaws import Unfit
from tantalus_config._json import from_json


@given(st.text())
def test_any_text_is_json_or_unfit(text: str) -> None:
    with suppress(Unfit):
        from_json(text)


def test_what_is_no_json_is_quoted_by_no_error_behind() -> None:
    with pytest.raises(Unfit) as caught:
        from_json("hunter2")

    assert caught.value.__context__ is None
