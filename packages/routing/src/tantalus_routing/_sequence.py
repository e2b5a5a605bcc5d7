r"""Matching a part with several variables, in time linear in the text.

`re` finds the texts of `(?P<a>[^/]+)-(?P<b>[^/]+)-(?P<c>[^/]+)` by trying: on a
thousand dashes it tries half a billion times. Here, an expression that is a *sequence*
(texts, sets with a count, choices of texts, one after the other) is matched in two
passes:

1. backwards: for each step, from which positions on the rest of the sequence fits. Such
   positions are kept as spans, which are few.
2. forwards: each step in turn takes as much as it may, or as little where it is lazy,
   among the positions that the first pass found for the next one.

That is what `re` returns as well: its first success in order of preference. The cost
is O(steps x length). An expression that is no sequence is left to `re`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from math import comb, inf
from typing import NamedTuple, TypeAlias

# Positions from the first to the last one of each span; in order, and apart.
Spans: TypeAlias = list[tuple[int, int]]
# Has the variables' texts by the numbers of their groups.
Found: TypeAlias = re.Match[str] | tuple[str, ...]

GROUP = re.compile(r"\(\?P<__werkzeug_\d+>")
OPTIONAL_SLASH = "(?<!/)(/?)"
ATOM = re.compile(
    r"""(?:\\(?P<escaped>[^A-Za-z0-9])|(?P<plain>[^\\.^$*+?{}\[\]|()])|
    (?P<set>\[\^?\]?(?:\\.|[^\\\]])*(?:\]|\Z)|\\[dDwWsS]|\.))
    (?:(?P<sign>[*+?])|\{(?P<least>\d*)(?P<comma>,?)(?P<most>\d*)\})?
    (?P<lazy>\??)(?!\+)""",
    re.VERBOSE | re.DOTALL,
)
CHOICE = re.compile(r"\(\?:((?:\\[^A-Za-z0-9]|[^\\.^$*+?{}\[\]()])*)\)(?![*+?{])", re.S)
CHOSEN = re.compile(r"\\(.)|(.)", re.S)
REPEATS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\\\]])*(?:\]|\Z)|([*+]|\{\d*,\d*\})", re.S)
SIGNS: dict[str, tuple[int, float]] = {"*": (0, inf), "+": (1, inf), "?": (0, 1)}
# So many tries of `re` take less time than the two passes.
TRIES = 4_000
FEW = 1


class Word(NamedTuple):
    """A step that takes one text."""

    text: str

    def starts(self, text: str, ends: Spans) -> Spans:
        """Return where the step may begin to end in `ends`."""
        return joined((at, at) for at in self._places(text, ends))

    def end(self, text: str, start: int, ends: Spans) -> int:
        """Return where the step ends that begins at `start`."""
        return start + len(self.text)

    def _places(self, text: str, ends: Spans) -> Iterator[int]:
        size = len(self.text)
        for first, last in ends:
            at = text.find(self.text, max(first - size, 0), last)
            while at >= 0:
                yield at
                at = text.find(self.text, at + 1, last)


class Choice(NamedTuple):
    """A step that takes the first text of several that fits."""

    words: tuple[Word, ...]

    def starts(self, text: str, ends: Spans) -> Spans:
        """Return where the step may begin to end in `ends`."""
        found: Spans = []
        for word in self.words:
            found += word.starts(text, ends) if word.text else ends
        return joined(sorted(found))

    def end(self, text: str, start: int, ends: Spans) -> int:
        """Return where the step ends that begins at `start`."""
        return next(
            start + len(word.text)
            for word in self.words
            if text.startswith(word.text, start)
            and is_among(start + len(word.text), ends)
        )


class Repeat(NamedTuple):
    """A step that takes letters of a set, as many as it may or as few as it must."""

    run: re.Pattern[str]
    least: int
    most: float
    lazy: bool

    @property
    def varies(self) -> bool:
        """Whether there are more than a few ends that the step may have."""
        return self.most - self.least > FEW

    def starts(self, text: str, ends: Spans) -> Spans:
        """Return where the step may begin to end in `ends`."""
        found = list(self._reaches(text, ends))
        return joined(found if self.least else sorted(found + ends))

    def end(self, text: str, start: int, ends: Spans) -> int:
        """Return where the step ends that begins at `start`."""
        run = self.run.match(text, start)
        longest = int(min(start + self.most, run.end() if run else start))
        shortest = start + self.least
        index = bisect_right(ends, (shortest if self.lazy else longest, inf)) - 1
        if not self.lazy:
            return min(ends[index][1], longest)
        if index >= 0 and ends[index][1] >= shortest:
            return shortest
        return ends[index + 1][0]

    def _reaches(self, text: str, ends: Spans) -> Iterator[tuple[int, int]]:
        """Yield from where an end is reached by one letter or more."""
        least = max(self.least, 1)
        for run in self.run.finditer(text):
            begin, stop = run.span()
            for first, last in self._within(ends, begin, stop):
                low = int(max(begin, first - self.most))
                high = min(last, stop) - least
                if low <= high:
                    yield low, high

    def _within(self, ends: Spans, begin: int, stop: int) -> Spans:
        """Return the ends that count in a run of letters."""
        behind = bisect_right(ends, (stop, inf))
        # Without a limit, the last one is reached from wherever another one is.
        limited = self.most != inf
        first = bisect_right(ends, (begin, inf)) if limited else behind
        return ends[max(first - 1, 0) : behind]


class NotBehindSlash(NamedTuple):
    """A step that takes nothing, where no slash stands in front."""

    def starts(self, text: str, ends: Spans) -> Spans:
        """Return those of `ends` that have no slash in front."""
        return list(self._pieces(text, ends))

    def _pieces(self, text: str, ends: Spans) -> Iterator[tuple[int, int]]:
        for first, last in ends:
            slash = text.find("/", max(first - 1, 0), last)
            while slash >= 0:
                if first <= slash:
                    yield first, slash
                first = slash + 2
                slash = text.find("/", slash + 1, last)
            if first <= last:
                yield first, last

    def end(self, text: str, start: int, ends: Spans) -> int:
        """Return `start`."""
        return start


Step: TypeAlias = Word | Choice | Repeat | NotBehindSlash


class Sequence:
    """A part whose texts are found in linear time; immutable.

    Args:
        steps: What the part is made of.
        variables: For each variable its first step, and the first one behind it.
    """

    __slots__ = ("_steps", "_variables", "short")

    def __init__(self, steps: list[Step], variables: list[tuple[int, int]]) -> None:
        self._steps = steps
        self._variables = variables
        varying = [step for step in steps if isinstance(step, Repeat) and step.varies]
        #: How long a text is at most that `re` may be given.
        self.short: float = length_within(TRIES, len(varying))

    def find(self, text: str) -> tuple[str, ...] | None:
        """Return `text` and those of the variables, or None if it does not fit."""
        ends: Spans = [(len(text), len(text))]
        following = [ends]
        for step in reversed(self._steps):
            ends = step.starts(text, ends)
            if not ends:
                return None
            following.append(ends)
        if not is_among(0, following.pop()):
            return None
        places = [0]
        for step in self._steps:
            places.append(step.end(text, places[-1], following.pop()))
        cuts = ((places[first], places[last]) for first, last in self._variables)
        return text, *(text[start:end] for start, end in cuts)


def sequence_test(
    content: str, pattern: re.Pattern[str]
) -> Callable[[str], Found | None]:
    """Return the test of a part: like `pattern.match`, and linear where it can be.

    What it returns has the variables' texts at 1, 2, ..., unless the converters have
    groups of their own, which no sequence has.
    """
    sequence = read_sequence(content)
    if sequence is None or sequence.short == inf:
        return pattern.match
    match, find, short = pattern.match, sequence.find, sequence.short

    def test(text: str) -> Found | None:
        return match(text) if len(text) <= short else find(text)

    return test


def may_be_slow(content: str) -> bool:
    """Return whether nothing bounds the time that a part takes on a long text.

    So it is with an expression that repeats more than once and is no sequence.
    """
    if read_sequence(content) is not None:
        return False
    return sum(map(bool, REPEATS.findall(content))) > 1


def read_sequence(content: str) -> Sequence | None:
    """Return the expression of a part as a sequence, or None if it is none."""
    steps: list[Step] = []
    variables: list[tuple[int, int]] = []
    position = 0
    while not content.startswith(r"\Z", position):
        group = GROUP.match(content, position)
        if group:
            begin = len(steps)
            read = read_steps(content, group.end(), steps)
            if not content.startswith(")", read):
                return None
            variables.append((begin, len(steps)))
            position = read + 1
        elif content.startswith(OPTIONAL_SLASH, position):
            slash = Repeat(re.compile("/+"), 0, 1, lazy=False)
            steps += [NotBehindSlash(), slash]
            position += len(OPTIONAL_SLASH)
        else:
            read = read_steps(content, position, steps)
            if read == position:
                return None
            position = read
    return Sequence(steps, variables)


def read_steps(content: str, position: int, steps: list[Step]) -> int:
    """Add the steps from `position` on; return where they end."""
    while True:
        token = ATOM.match(content, position) or CHOICE.match(content, position)
        step = None if token is None else read_step(token)
        if token is None or step is None:
            return position
        steps.append(step)
        position = token.end()


def read_step(token: re.Match[str]) -> Step | None:
    """Return the step that a token stands for, or None for what is none."""
    if token.re is CHOICE:
        words = [""]
        for escaped, plain in CHOSEN.findall(token[1]):
            if plain == "|":
                words.append("")
            else:
                words[-1] += escaped or plain
        return Choice(tuple(map(Word, words)))
    letter: str | None = token["escaped"] or token["plain"]
    count = read_count(token)
    if count is None:
        return None
    if letter is not None and count == (1, 1):
        return Word(letter)
    one = token["set"] or re.escape(token["escaped"] or token["plain"])
    return Repeat(re.compile(f"{one}+"), *count, bool(token["lazy"]))


def read_count(token: re.Match[str]) -> tuple[int, float] | None:
    """Return how often an atom is repeated, at least and at most."""
    if token["sign"]:
        return SIGNS[token["sign"]]
    least, comma, most = token["least"], token["comma"], token["most"]
    if least is None:
        return 1, 1
    if not comma:
        return (int(least), int(least)) if least else None
    return int(least or 0), int(most) if most else inf


def length_within(tries: int, variables: int) -> float:
    """Return up to which length `re` divides a text in at most so many ways."""
    if variables < 2:
        return inf
    length = 0
    while comb(length + variables, variables) <= tries:
        length += 1
    return length


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """Return ordered spans without overlaps."""
    found: Spans = []
    for first, last in spans:
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def is_among(position: int, spans: Spans) -> bool:
    """Return whether a position is in one of the spans."""
    index = bisect_right(spans, (position, inf)) - 1
    return index >= 0 and spans[index][1] >= position
