from __future__ import annotations

import pytest

from tantalus_context import Context, raise_together


def test_the_only_error_is_raised_as_itself() -> None:
    error = KeyError("x")

    with pytest.raises(KeyError) as caught:
        raise_together([error], "%d files were not closed.", 1)

    assert caught.value is error


def test_several_errors_are_raised_as_a_group_and_the_list_is_emptied() -> None:
    errors: list[BaseException] = [KeyError("x"), OSError()]
    raised = tuple(errors)

    with pytest.raises(ExceptionGroup, match=r"2 files were not closed\.") as caught:
        raise_together(errors, "%d files were not closed.", len(errors))

    assert caught.value.exceptions == raised
    assert errors == []


def test_a_group_shows_its_errors_where_it_is_printed() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        raise_together([KeyError("a"), OSError("b")], "wrong")

    assert repr(caught.value) == (
        "ExceptionGroup('wrong', (KeyError('a'), OSError('b')))"
    )


def test_a_text_without_values_may_have_a_percent_sign() -> None:
    with pytest.raises(ExceptionGroup, match="100% wrong"):
        raise_together([KeyError(), OSError()], "100% wrong")


def test_an_error_names_a_function_by_its_place() -> None:
    async def close(error: BaseException | None) -> None:
        raise AssertionError

    with pytest.raises(TypeError) as caught, Context() as context:
        context.on_teardown(close)

    assert f"close ({__file__}:{close.__code__.co_firstlineno})" in str(caught.value)
    assert " at 0x" not in str(caught.value)
