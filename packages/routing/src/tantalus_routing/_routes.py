"""A rule as the matcher sees it: what it answers to a path that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from werkzeug.routing import BaseConverter, Rule

from ._converters import SegmentTest, refusal_of, to_python
from ._generated import Bind, written_out
from ._results import Match, NoMatch

# Takes the texts of a path and answers; None says that only a search can tell.
Fit = Callable[..., Match | NoMatch | None]
# What a segment has to be: a text, or what passes a test; None asks nothing.
Mark = str | SegmentTest | None
EQUALS = "text{0} == mark{0}"


class Route:
    """A rule, compiled for matching.

    `answer` takes the texts of the variables and makes the match, or returns None if a
    converter refuses one. `canonical` are rules of the endpoint whose defaults may
    name this rule's page better. `plain` says that a match is never a redirect.
    """

    __slots__ = ("_shape", "_values", "answer", "canonical", "plain", "rule")

    def __init__(
        self,
        rule: Rule,
        converters: Mapping[str, BaseConverter],
        canonical: Sequence[Rule],
    ) -> None:
        steps = [(to_python(each), refusal_of(each)) for each in converters.values()]
        self.rule = rule
        self.canonical = canonical
        self.plain = not (rule.alias or canonical or rule.redirect_to is not None)
        self._shape = (
            tuple(convert is not None for convert, _ in steps),
            bool(rule.defaults),
        )
        self._values = (
            rule,
            rule.endpoint,
            dict(rule.defaults or {}),
            *map(str, converters),
            *(value for step in steps if step[0] for value in step),
        )
        self.answer: Callable[..., Match | None] = self.fit((None,) * len(steps))

    def fit(
        self, marks: Sequence[Mark], *, split: bool = False
    ) -> Callable[..., Match | None]:
        """Return what takes a text for each mark and makes the match, if they fit.

        Args:
            split: Take the texts as they come of splitting a path: a list with
                something else in front and all but the last, then the last.
        """
        kinds = tuple(kind_of(mark) for mark in marks)
        return bind_fit(kinds, split, *self._shape)(*self._values, *marks)


def kind_of(mark: Mark) -> str:
    """Return the expression that compares a text with its mark, if there is one."""
    if mark is None:
        return ""
    if isinstance(mark, str):
        return EQUALS
    if mark is len:
        return "text{0}"
    return "text{0}.isdecimal()" if mark is str.isdecimal else "mark{0}(text{0})"


@cache
def bind_fit(
    kinds: Sequence[str], split: bool, converted: Sequence[bool], with_defaults: bool
) -> Bind:
    """Return what binds the rules of one shape; arguments as for `Route.fit()`.

    Args:
        converted: For each variable, whether its text is converted.
    """
    every = range(len(kinds))
    texts = [f"text{i}" for i in every]
    variables = [texts[i] for i in every if kinds[i] != EQUALS]
    taken = ["rule", "endpoint", "defaults"]
    taken += [f"name{number}" for number in range(len(variables))]
    lines = signature(texts, split) + refusal(kinds)
    for number, text in enumerate(variables):
        if converted[number]:
            taken += [f"convert{number}", f"Refusal{number}"]
            lines += [
                "    try:",
                f"        {text} = convert{number}({text})",
                f"    except Refusal{number}:",
                "        return None",
            ]
    items = [f"name{number}: {text}" for number, text in enumerate(variables)]
    args = ", ".join([*items, "**defaults"] if with_defaults else items)
    lines += [f"    return Match((endpoint, None, {{{args}}}, rule))"]
    taken += [f"mark{i}" for i in every]
    return written_out(taken, "\n".join(lines), Match=Match)


def signature(texts: Sequence[str], split: bool) -> list[str]:
    """Return the lines that take the texts."""
    if not split:
        return [f"def fit({', '.join(texts)}):"]
    *before, last = texts
    return [f"def fit(parts, {last}):", f"    _, {', '.join(before)} = parts"]


def refusal(kinds: Sequence[str]) -> list[str]:
    """Return the lines that compare the texts with their marks."""
    tests = [kind.format(i) for i, kind in enumerate(kinds) if kind]
    if not tests:
        return []
    return [f"    if not ({' and '.join(tests)}):", "        return None"]
