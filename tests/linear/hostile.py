"""Texts that are hostile to a regular expression, made of the expression itself.

    python hostile.py < expression.json

tries them, and prints a line of JSON for each. Two letters that no part of the
expression tells apart are one and the same to it, so one of them is enough. The texts
repeat a letter, two letters in turn, or what matches the expression, behind the
beginnings of what matches it, and in front of what does not.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from re import _constants as codes  # type: ignore[attr-defined]  # what reads expressions
from re import _parser as parser  # type: ignore[attr-defined]  # idem
from typing import Any

LETTERS = 100_000
CPU_SECONDS = 20
# Of each text. A linear expression takes 0.01 of them, a quadratic one hundreds.
MOST_SECONDS = 1.0

# What is no letter of any part is found among these, too.
USUAL = "a0A_-. /:;=,\"'\\%<>()\t\r\n\0\x7f\xe9\u6771"
MOST_LETTERS = 10
MOST_BEGINNINGS = 6
_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}


def atoms(parsed: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Return the parts of a parsed expression that take one letter."""
    for code, argument in parsed:
        if code in {codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN}:
            yield code, argument
        for inner in inner_of(argument):
            yield from atoms(inner)


def inner_of(argument: Any) -> Iterator[Any]:
    """Return the expressions within an argument of the parser's."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, (tuple, list)):
        for each in argument:
            yield from inner_of(each)


def takes(atom: tuple[Any, Any], letter: str, flags: int) -> bool:
    """Tell whether a part takes a letter."""
    code, argument = atom
    spellings = {letter, letter.lower(), letter.upper()}
    if not flags & re.IGNORECASE:
        spellings = {letter}
    if code is codes.ANY:
        return letter != "\n" or bool(flags & re.DOTALL)
    if code is codes.IN:
        return is_in(argument, spellings, flags)
    return (chr(argument) in spellings) == (code is codes.LITERAL)


def is_in(members: list[Any], spellings: set[str], flags: int) -> bool:
    """Tell whether a set of letters has one of these."""
    negated = members[0][0] is codes.NEGATE
    has = any(
        (code is codes.LITERAL and chr(argument) in spellings)
        or (
            code is codes.RANGE
            and any(argument[0] <= ord(each) <= argument[1] for each in spellings)
        )
        or (
            code is codes.CATEGORY
            and re.match(_CATEGORIES[argument], min(spellings), flags & re.ASCII)
        )
        for code, argument in members
    )
    return has != negated


def named_letters(parsed: Iterable[Any]) -> set[str]:
    """Return the letters that an expression names, with those beside its ranges."""
    named: set[int] = set()
    for code, argument in atoms(parsed):
        members = argument if code is codes.IN else [(codes.LITERAL, argument)]
        for kind, value in members:
            if kind is codes.LITERAL and value is not None:
                named.add(value)
            elif kind is codes.RANGE:
                named.update((value[0], value[1], max(value[0] - 1, 0), value[1] + 1))
    return {chr(code) for code in named if code < sys.maxunicode}


def letters(parsed: Any, flags: int) -> list[str]:
    """Return a letter of each kind that the expression tells apart."""
    parts = list(atoms(parsed))
    kinds: dict[tuple[bool, ...], str] = {}
    for letter in (*USUAL, *sorted(named_letters(parsed))):
        kind = tuple(takes(atom, letter, flags) for atom in parts)
        kinds.setdefault(kind, letter)
    return list(kinds.values())


def matching(parsed: Iterable[Any], known: list[str], flags: int, times: int) -> str:
    """Return a text that matches, with each repetition so many times at least."""
    text = ""
    for code, argument in parsed:
        if code in {codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN}:
            fit = (each for each in known if takes((code, argument), each, flags))
            text += next(fit, "")
        elif code is codes.BRANCH:
            text += matching(argument[1][-1], known, flags, times)
        elif code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            least, most, inner = argument
            count = min(max(least, times), most)
            text += matching(inner, known, flags, times) * int(count)
        elif code is codes.SUBPATTERN:
            text += matching(argument[3], known, flags, times)
        elif code is codes.ATOMIC_GROUP:
            text += matching(argument, known, flags, times)
    return text


def texts(pattern: str | bytes, flags: int, length: int) -> Iterator[str]:
    """Return hostile texts for an expression."""
    parsed = parser.parse(pattern, flags)
    known = letters(parsed, flags)[:MOST_LETTERS]
    ends = [*known, ""]
    whole = [matching(parsed, known, flags, times) for times in (0, 1, 2)]
    pieces = [*known, *dict.fromkeys(filter(None, whole))]
    for piece in pieces:
        for end in ends:
            yield piece * (length // len(piece)) + end
    for one in known:
        for other in known:
            for end in ("\0", one, other + other):
                yield (one + other) * (length // 2) + end
    for text in dict.fromkeys(whole):
        for stop in islice(range(1, len(text) + 1), MOST_BEGINNINGS):
            for piece in pieces:
                yield text[:stop] + piece * (length // len(piece)) + "\0"


def seconds(pattern: re.Pattern[Any], method: str, text: str | bytes) -> float:
    """Return the processor time that an expression takes for a text."""
    arguments = ("", text) if method in {"sub", "subn"} else (text,)
    if isinstance(text, bytes) and method in {"sub", "subn"}:
        arguments = (b"", text)  # type: ignore[assignment]  # as the text
    begin = time.process_time()
    result = getattr(pattern, method)(*arguments)
    if method == "finditer":
        list(result)
    return time.process_time() - begin


def main(source: Any) -> None:
    """Try an expression, and print how long it took with each text."""
    asked = json.load(source)
    limit = asked.get("cpu seconds", CPU_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    # Bytes come as Latin-1.
    pattern: Any = asked["pattern"]
    if asked["bytes"]:
        pattern = pattern.encode("latin-1")
    compiled = re.compile(pattern, asked["flags"])
    for text in texts(pattern, asked["flags"], LETTERS):
        tried = text.encode("latin-1", "replace") if asked["bytes"] else text
        shown = f"{text[:30]!r}…{text[-10:]!r}"
        for method in asked["methods"]:
            print(json.dumps([f"{method} {shown}", "does not end"]), flush=True)
            slow = seconds(compiled, method, tried) > MOST_SECONDS
            verdict = "slow" if slow else "fine"
            print(json.dumps([f"{method} {shown}", verdict]), flush=True)
            if slow:
                return


if __name__ == "__main__":
    main(sys.stdin)
