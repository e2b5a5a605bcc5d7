from __future__ import annotations

import inspect
import traceback

import pytest
from answers import endpoint, matched

from tantalus_routing import BaseConverter, Map, Rule
from tantalus_routing._generated import written_out

GREETER = """\
def greet(name):
    if name == other:
        raise ValueError(name)
    return f"{greeting}, {name}!\""""


def test_a_source_is_bound_to_the_values_of_a_rule() -> None:
    bind = written_out(["greeting"], GREETER, other="Bob")

    assert bind("Hello")("Ada") == "Hello, Ada!"
    assert bind("Salut")("Eve") == "Salut, Eve!"


def test_a_written_function_has_a_source_to_look_at() -> None:
    greet = written_out(["greeting"], GREETER, other="Bob")("Hello")

    assert "if name == other:" in inspect.getsource(greet)
    assert greet.__module__ == "tantalus_routing._generated"


def test_a_traceback_shows_the_line_of_a_written_function() -> None:
    greet = written_out(["greeting"], GREETER, other="Bob")("Hello")

    with pytest.raises(ValueError, match="Bob") as caught:
        greet("Bob")

    assert "raise ValueError(name)" in "".join(traceback.format_exception(caught.value))


class Broken(BaseConverter):
    def to_python(self, value: str) -> str:
        raise LookupError(value)


def test_a_mistake_in_a_converter_is_shown_with_the_line_that_called_it() -> None:
    map = Map([Rule("/<x:a>", endpoint="x")], converters={"x": Broken})

    with pytest.raises(LookupError) as caught:
        map.match("GET", "/1")

    assert "text0 = convert0(text0)" in "".join(
        traceback.format_exception(caught.value)
    )


def test_rules_of_one_shape_share_their_code() -> None:
    map = Map([Rule("/a/<x>", endpoint="a"), Rule("/b/<y>", endpoint="b")])
    assert matched(map.match("GET", "/a/1")).args == {"x": "1"}
    assert matched(map.match("GET", "/b/1")).args == {"y": "1"}

    a, b = map._tables["GET"].heads.values()

    assert inspect.getsource(a) == inspect.getsource(b)
    assert inspect.getsourcefile(a) == inspect.getsourcefile(b)


ODD_TEXTS = ["'", '"', "\\", "{0}", "{x}", "%s", "\n", "ä", '"""', "#"]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_no_text_of_a_rule_becomes_code(text: str) -> None:
    map = Map(
        [
            Rule(f"/{text}/<x>", endpoint=text, defaults={"d": text}),
            Rule(f"/{text}/<x>/{text}/<int:y>", endpoint="b"),
        ]
    )

    assert endpoint(map.match("GET", f"/{text}/a")) == text
    assert matched(map.match("GET", f"/{text}/a/{text}/1")).args == {"x": "a", "y": 1}
    built = map.build("b", {"x": text, "y": 1})
    assert built.path.endswith("/1")
