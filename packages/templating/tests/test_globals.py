from __future__ import annotations

from tantalus_templating._globals import GlobalsChain


def test_flattened_gives_the_first_map_that_has_a_name() -> None:
    chain = GlobalsChain({"a": 1}, {"a": 2, "b": 3}, {"b": 4, "c": 5})

    assert chain.flattened() == {"a": 1, "b": 3, "c": 5}


def test_keys_are_those_of_all_maps() -> None:
    chain = GlobalsChain({"a": 1}, {"a": 2, "b": 3})

    assert chain.keys() == {"a", "b"}
    assert {"a", "z"} - chain.keys() == {"z"}


def test_what_is_flattened_can_be_changed_without_changing_the_maps() -> None:
    chain = GlobalsChain({}, {"a": 1})

    chain.flattened()["a"] = 2

    assert chain["a"] == 1
