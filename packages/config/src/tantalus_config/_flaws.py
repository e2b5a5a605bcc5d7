"""What is wrong with settings, one by one and all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ._secret import Secret

# Letters of a value that are shown.
_MOST_SHOWN = 60
_NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One thing that is wrong with the settings of a program.

    Attributes:
        setting: Its name: `PORT`, or `DATABASE.PORT` in a group.
        where: The variable, or the key and its file.
        problem: What is wrong, in one sentence. A secret is never shown.
        cure: What to do about it.
    """

    setting: str
    where: str
    problem: str
    cure: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem} {self.cure}"


class SettingsError(ValueError):
    """The settings of a program are missing or wrong; tells all that is.

    Attributes:
        problems: Each of them.
    """

    def __init__(self, name: str, problems: Iterable[SettingProblem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__(name, self.problems)

    def __str__(self) -> str:
        many = len(self.problems)
        verb = "is 1 problem" if many == 1 else f"are {many} problems"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        return f"There {verb} with the settings of {self.name}.{lines}"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a value, whose name and source others know.

    Args:
        problem: A sentence without its end; after the value, if there is one.
        path: Where in the value: `[2].port`.
    """

    problem: str
    cure: str
    value: Any = _NOTHING
    path: str = ""

    def sentence(self) -> str:
        """Return the problem, with the value."""
        at = f"{self.path}: " if self.path else ""
        shown = "" if self.value is _NOTHING else f"{_shown(self.value)} "
        return f"{at}{shown}{self.problem}."

    def hidden(self) -> Flaw:
        """Return the same without the value."""
        return self if self.value is _NOTHING else replace(self, value=Secret())


class Unfit(Exception):
    """A value is not what its setting wants."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(len(flaws))
        self.flaws = flaws

    def below(self, step: str) -> list[Flaw]:
        """Return what is wrong, as seen from outside of the value."""
        return [replace(flaw, path=step + flaw.path) for flaw in self.flaws]


def _shown(value: object) -> str:
    text = repr(value)
    if len(text) > _MOST_SHOWN:
        return f"{text[:_MOST_SHOWN]}… ({type(value).__name__})"
    return text


def without(text: str, secrets: Iterable[object]) -> str:
    """Return a text in which no secret of three letters or more stands."""
    texts = [str(secret) for secret in secrets if isinstance(secret, str)]
    for secret in sorted(texts, key=len, reverse=True):
        if len(secret) > 2:
            text = text.replace(secret, "…")
    return text
