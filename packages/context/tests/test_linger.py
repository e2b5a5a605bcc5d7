from __future__ import annotations

from itertools import permutations

import pytest
from jobs import Job, current

from tantalus_context import PopOrderError, linger


def ended(name: str = "ended") -> Job:
    """Return a context whose work is over."""
    with Job(name) as context:
        pass
    return context


def test_a_context_whose_work_is_over_is_current_in_the_block() -> None:
    context = ended()

    with linger(context) as shown:
        inside = current()

    assert (shown, inside, current()) == (context, context, None)


def test_its_teardown_runs_again_at_the_end_of_the_block() -> None:
    context = ended()

    with linger(context):
        before = context.teardowns

    assert (before, context.teardowns) == (1, 2)


def test_what_is_below_it_may_be_popped_first() -> None:
    below, context = Job("below"), ended()

    below.push()
    with linger(context):
        below.pop()
        inside = current()

    assert (inside, current()) == (context, None)
    assert below.teardowns == 1


def test_it_ends_quietly_below_others() -> None:
    above, context = Job("above"), ended()

    with linger(context):
        above.push()
    inside = current()
    above.pop()

    assert (inside, current()) == (above, None)


@pytest.mark.parametrize("order", list(permutations("abc")), ids="".join)
def test_several_end_in_any_order(order: tuple[str, ...]) -> None:
    blocks = {name: linger(ended(name)) for name in "abc"}

    for block in blocks.values():
        block.__enter__()
    for name in order:
        blocks[name].__exit__(None, None, None)

    assert current() is None


def test_a_real_context_above_is_still_named() -> None:
    below, above = Job("below"), Job("above")
    below.push()
    above.push()

    with linger(ended()), pytest.raises(PopOrderError) as caught:
        below.pop()
    above.pop()

    assert (caught.value.popped, caught.value.current) == (below, above)


def test_the_teardown_of_what_it_shares_things_with_waits() -> None:
    with Job("beneath") as beneath:
        block = linger(ended(), beneath)
        block.__enter__()

    before = beneath.teardowns
    block.__exit__(None, None, None)

    assert (before, beneath.teardowns) == (0, 1)


def test_what_it_shares_things_with_may_be_over() -> None:
    beneath = ended("beneath")

    with linger(ended(), beneath):
        pass

    assert beneath.teardowns == 1


def test_it_can_be_shown_again_and_again() -> None:
    context, beneath = ended(), Job("beneath")
    block = linger(context, beneath)

    with beneath:
        for _ in range(2):
            with block, block:
                assert current() is context
        assert current() is beneath

    assert (beneath.teardowns, context.teardowns) == (1, 3)


def test_a_context_that_cannot_be_pushed_keeps_nothing() -> None:
    class Stubborn(Job):
        def entered(self) -> None:
            raise ValueError("stubborn")

    with Job("beneath") as beneath:
        with pytest.raises(ValueError, match="stubborn"), linger(Stubborn(), beneath):
            raise AssertionError("The block must not begin.")
        with pytest.raises(ValueError, match="stubborn"), linger(Stubborn()):
            raise AssertionError("The block must not begin.")

    assert beneath.teardowns == 1


def test_after_the_block_a_context_is_in_the_way_again() -> None:
    below, context = Job("below"), ended()
    with linger(context):
        pass

    below.push()
    context.push()
    with pytest.raises(PopOrderError):
        below.pop()
    context.pop()
