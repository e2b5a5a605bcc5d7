"""Files of variables: `NAME=value` in lines, as `.env` files have them.

Values stand bare, in single quotes or in double quotes, which know `\\n` and the like;
both quotes may hold several lines. A `#` after a blank begins a comment. Where other
readers differ or guess, this one refuses: `${NAME}` is not replaced, a name is not set
twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*")
_SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE = re.compile(r"[^\n]*")
_COMMENT = re.compile(r"[ \t]#.*")
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_SINGLE_ESCAPE = re.compile(r"\\([\\'])")
_DOUBLE_ESCAPE = re.compile(r"\\([\\'\"abfnrtv])")
_MEANT = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))


@dataclass(slots=True)
class EnvFile:
    """The variables of a file.

    Attributes:
        values: By name.
        lines: Where each is set, from 1.
        problems: Of lines that cannot be read: the line, what is wrong, what to do.
    """

    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[int, str, str]] = field(default_factory=list)

    def set(self, name: str, value: str, line: int) -> None:
        """Set a variable, once."""
        if name in self.values:
            problem = f"{name} is set twice, and first in line {self.lines[name]}."
            self.problems.append((line, problem, "Remove one of the lines."))
            return
        self.values[name], self.lines[name] = value, line


def read_env_file(text: str) -> EnvFile:
    """Return the variables that the text of a file sets."""
    text = text.replace("\r\n", "\n")
    found, position, line = EnvFile(), 0, 1
    while position < len(text):
        blank = _BLANK.match(text, position)
        end = _read_line(found, text, position, line) if blank is None else blank.end()
        line += text.count("\n", position, end)
        position = end
    return found


def _read_line(found: EnvFile, text: str, position: int, line: int) -> int:
    """Read one assignment, and return where the next line begins."""
    next_line = _end(_LINE, text, position)
    begin = _NAME.match(text, position)
    if begin is None:
        cure = "Correct it, or put a '#' before it."
        found.problems.append((line, "The line is not NAME=value.", cure))
        return next_line
    name, start = begin[1], begin.end()
    quote = text[start : start + 1]
    if quote not in ("'", '"'):
        value = text[start : _end(_BARE, text, start)]
        if quote == "#" and text[start - 1] != "=":
            problem = f"What follows the '=' of {name} is a comment, or a value."
            cure = "Put the value into quotes, or the comment into a line of its own."
            found.problems.append((line, problem, cure))
        else:
            _set(found, name, _COMMENT.sub("", value).strip(), line, expands=True)
        return next_line
    whole = (_SINGLE if quote == "'" else _DOUBLE).match(text, start)
    if whole is None:
        problem = f"The quote of {name} is open."
        found.problems.append((line, problem, f"Write another {quote} at its end."))
        return next_line
    if _BLANK.match(text, whole.end()) is None:
        cure = f"Put all of it into the quotes, with a backslash before each {quote}."
        found.problems.append((line, f"Something follows the quote of {name}.", cure))
        return _end(_LINE, text, whole.end())
    _set(found, name, _unescaped(whole[1], quote), line, expands=quote == '"')
    return _end(_BLANK, text, whole.end())


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return where the match of a pattern ends, which matches anything."""
    found = pattern.match(text, position)
    assert found is not None
    return found.end()


def _set(found: EnvFile, name: str, value: str, line: int, *, expands: bool) -> None:
    if "\0" in value:
        problem = f"{name} has a NUL in it."
        found.problems.append((line, problem, "Remove it."))
    elif expands and "${" in value:
        cure = "Write the value itself, or put it in single quotes to mean these signs."
        problem = f"{name} has a ${{…}}, which is not replaced here."
        found.problems.append((line, problem, cure))
    else:
        found.set(name, value, line)


def _unescaped(text: str, quote: str) -> str:
    pattern = _SINGLE_ESCAPE if quote == "'" else _DOUBLE_ESCAPE
    return pattern.sub(lambda escape: _MEANT.get(escape[1], escape[1]), text)
