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
    taken = ["rule", "endpoint", "defaults"]
    taken += [f"name{i}" for i in range(len(converted))]
    if split:
        lines = [f"def fit(parts, {texts[-1]}):"]
        lines += [f"    _, {', '.join(texts[:-1])} = parts"]
    else:
        lines = [f"def fit({', '.join(texts)}):"]
    tests = [kinds[i].format(i) for i in every if kinds[i]]
    if tests:
        lines += [f"    if not ({' and '.join(tests)}):", "        return None"]
    items = []
    variables = [i for i in every if kinds[i] != EQUALS]
    for number, (i, is_converted) in enumerate(zip(variables, converted, strict=True)):
        items.append(f"name{number}: text{i}")
        if is_converted:
            taken += [f"convert{number}", f"Refusal{number}"]
            lines += [
                "    try:",
                f"        text{i} = convert{number}(text{i})",
                f"    except Refusal{number}:",
                "        return None",
            ]
    if with_defaults:
        items.append("**defaults")
    args = f"{{{', '.join(items)}}}"
    lines += [f"    return Match((endpoint, None, {args}, rule))"]
    taken += [f"mark{i}" for i in every]
    return written_out(taken, "\n".join(lines), Match=Match)
