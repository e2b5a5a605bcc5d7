from __future__ import annotations

import re

import pytest
from conftest import Invoke


def test_a_secret_has_32_random_bytes(invoke: Invoke) -> None:
    first, second = invoke("secret").output, invoke("secret").output

    assert re.fullmatch(r"[0-9a-f]{64}\n", first)
    assert first != second


def test_the_size_of_a_secret_can_be_chosen(invoke: Invoke) -> None:
    assert len(invoke("secret", "--bytes", "16").output.strip()) == 32


@pytest.mark.parametrize("size", ["15", "1025", "many"])
def test_a_secret_that_is_too_short_is_refused(size: str, invoke: Invoke) -> None:
    result = invoke("secret", "--bytes", size)

    assert result.exit_code == 2
    assert "Invalid value for '--bytes'" in result.output
