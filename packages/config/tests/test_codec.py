from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple

import pytest

from tantalus_config import SettingsError, load_settings
from tantalus_config._codec import steps_of


class Colour(str):
    """A type that only the codec knows."""


class Part:
    colour: Colour
    size: int = 1


class Model:
    """A class that only the codec knows."""

    kind: ClassVar[str] = "model"
    _private: int
    name: str
    tags: list[str]
    part: Part | None
    limits: dict[str, int]

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values


class Wrong(NamedTuple):
    detail: str
    pointer: str | None


class Refused(Exception):
    def __init__(self, *problems: Wrong) -> None:
        self.problems = problems


FEW = Annotated[list[Colour], "few"]


class Fake:
    """A codec that makes colours of texts, and models of dicts with a name."""

    errors = (Refused,)

    def handles(self, hint: object, /) -> bool:
        return hint in (Colour, Model, Part, FEW)

    def converter(self, hint: Any, /) -> Callable[[Any], Any]:
        if hint == FEW:
            return lambda values: [self._colour(value) for value in values]
        return self._colour if hint is Colour else self._model

    def problems(
        self, value: object, hint: Any, error: Exception, /
    ) -> Sequence[Wrong]:
        assert isinstance(error, Refused)
        return error.problems

    def _colour(self, value: Any) -> Colour:
        if value not in ("red", "blue"):
            raise Refused(Wrong("Expected a colour.", "#"))
        return Colour(value)

    def _model(self, values: Any) -> Any:
        wrong = []
        if "name" not in values:
            wrong.append(Wrong("Required.", "#/name"))
        if values.get("tags") == ["bad", "tag"]:
            wrong.append(Wrong("A bad tag.", "#/tags/0"))
        if values.get("part", {}).get("colour") == "dark":
            wrong.append(Wrong("No colour.", "#/part/colour"))
        if values.get("name") == "all":
            wrong += [Wrong("All wrong.", "#/elsewhere"), Wrong("Really.", None)]
        if wrong:
            raise Refused(*wrong)
        return Model(values) if "colour" not in values else values


@dataclass
class Settings:
    colour: Colour
    colours: list[Colour]
    part: Part | int = 0
    few: Annotated[list[Colour], "few"] | None = None


def load(kind: type[Any], **values: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(f"SHOP_{name}", value)
        return load_settings(kind, "SHOP", codec=Fake())


def problems(kind: type[Any], **values: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(kind, **values)
    assert caught.value.__context__ is None
    return [f"{each.where}: {each.problem}" for each in caught.value.problems]


def test_a_type_that_is_not_known_here_is_left_to_the_codec() -> None:
    settings = load(Settings, COLOUR="red", COLOURS="red, blue")

    assert settings == Settings(Colour("red"), [Colour("red"), Colour("blue")])


def test_lists_and_classes_of_the_codec_are_taken_apart() -> None:
    settings = load(
        Settings,
        COLOUR="red",
        COLOURS="",
        FEW="red, blue",
        PART='{"name": "a", "colour": "red"}',
    )

    assert settings.few == [Colour("red"), Colour("blue")]
    assert settings.part == {"name": "a", "colour": "red"}


def test_what_the_codec_says_is_told_with_the_place() -> None:
    assert problems(Settings, COLOUR="green", COLOURS="red, green") == [
        "SHOP_COLOUR in the environment: Expected a colour.",
        "SHOP_COLOURS in the environment: [1]: Expected a colour.",
    ]


def test_a_class_of_the_codec_gets_what_is_set() -> None:
    assert load(Model, NAME="a").values == {"name": "a"}
    assert load(Model, NAME="a", TAGS="b, c", PART__COLOUR="red").values == {
        "name": "a",
        "tags": ["b", "c"],
        "part": {"colour": "red"},
    }
    assert load(Model, NAME="a", TAGS='["b,c"]', PART__COLOUR="red").values["tags"] == [
        "b,c"
    ]
    assert load(Model, NAME="a", TAGS="").values["tags"] == []
    assert load(Model, NAME="[a", LIMITS='{"b": 1}').values == {
        "name": "[a",
        "limits": {"b": 1},
    }


def test_what_a_class_of_the_codec_lacks_is_told_by_its_variable() -> None:
    assert problems(Model, TAGS="bad, tag", PART__COLOUR="dark") == [
        "SHOP_NAME: There is no value, and no default.",
        "SHOP_TAGS in the environment: 0: A bad tag.",
        "SHOP_PART__COLOUR in the environment: No colour.",
    ]


def test_what_the_codec_says_of_the_whole_is_told() -> None:
    assert problems(Model, NAME="all") == [
        "all settings: elsewhere: All wrong.",
        "all settings: Really.",
    ]


def test_values_in_code_go_to_the_codec_as_they_are() -> None:
    model = load_settings(Model, override={"NAME": "a", "tags": ["b"]}, codec=Fake())

    assert model.values == {"name": "a", "tags": ["b"]}


@pytest.mark.parametrize(
    ("pointer", "steps"),
    [(None, []), ("#", []), ("#/a/0", ["a", "0"]), ("/a~1b/c~0d", ["a/b", "c~d"])],
)
def test_a_pointer_is_taken_apart(pointer: str | None, steps: list[str]) -> None:
    assert steps_of(pointer) == steps
