"""A plan, written out as one plain function.

A loop over parameters costs more than reading them. So the source of a function is
made of fixed words and of numbers: nothing of it comes from the user. What belongs to
one view are the arguments `v0`, `v1`, ... of the function around it, and views of the
same shape share one compiled source. Tracebacks and `inspect` find it in `linecache`.

    def call(request, args):
        try:
            ...                          read and convert: what the client can get wrong
        except v1 as error:
            refused = v2(request, args)  the slow way: all that is wrong
        else:
            ...                          call the dependencies, the view; encode
        raise refused                    without the context, which holds values
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ._answer import Answering
from ._errors import Refused
from ._plan import Plan
from ._reader import Reader
from ._request import JSON, check_json, environ_key
from ._scan import scan
from ._signature import MANY, MISSING, Function
from ._steps import Leaf, Step

numbers = itertools.count(1)
Call = Callable[..., Any]  # Any: an answer of the host, or a coroutine of one
# Makes a call elsewhere, for a request, and is awaited.
Hop = Callable[[Any, Callable[[], Any]], Awaitable[Any]]


class Written(NamedTuple):
    """A function as it was written for one view, for all that read and answer alike.

    Attributes:
        source: Of the function around it.
        bind: That function.
        values: What it takes for the view.
        place: Which of them is the view.
    """

    source: str
    bind: Callable[..., Call]
    values: Sequence[object]
    place: int

    def of(self, view: Function) -> Call:
        """Return the function that calls a view."""
        values = [*self.values]
        values[self.place] = view
        return self.bind(*values)


class Writer:
    """Writes the function of one plan.

    Args:
        plan: What to read and call.
        readers: Of each leaf of the client's.
        explain: `explain(request, args)` returns the error to raise.
        check: Is called with the result, and gives it back; None where nothing is
            compared.
        answering: How the result becomes a response; None leaves it to the host.
        closing: `closing(request)` returns what holds generators.
        closes: Whether they are closed at the end of the call.
        checks: What compares the result of a dependency with its annotation.
        hop: For async plans: `hop(request, call)` is awaited, and makes a call of plain
            dependencies elsewhere. None calls them where the view runs.
        stays: Whether a plain dependency never waits, and needs no hop.
    """

    def __init__(
        self,
        plan: Plan,
        readers: Mapping[Leaf, Reader],
        explain: Callable[..., Exception],
        *,
        check: Callable[[Any], Any] | None,
        answering: Answering | None,
        closing: Callable[[Any], Any],
        closes: bool,
        checks: Callable[[Step], Callable[[Any], Any] | None],
        hop: Hop | None = None,
        stays: Callable[[Any], bool] = bool,
    ) -> None:
        self._plan = plan
        self._readers = readers
        self._explain = explain
        self._check = check
        self._answering = answering
        self._closing = closing
        self._closes = closes
        self._checks = checks
        self._hop = hop if plan.is_async else None
        self._stays = stays
        self._values: list[object] = []
        self._names: dict[Leaf | Step, str] = {}
        self._places: dict[str, int] = {}
        self._first: list[Any] = []
        self._place = 0

    def write(self) -> Written:
        """Return the function, not yet made for the view."""
        readers = self._readers.items()
        reading = [line for leaf, one in readers for line in self._read(leaf, one)]
        calling = self._calls()
        if reading:
            errors = {error for _, one in readers for error in one.errors}
            every = tuple(errors)
            lines = [
                *("try:", *_inside(self._scanning()), *_inside(reading)),
                f"except {self._value(every)}:",
                f"    refused = {self._value(self._explain)}(request, args)",
                *("else:", *_inside(calling)),
                "raise refused",
            ]
        else:
            lines = calling
        start = "async def" if self._plan.is_async else "def"
        taken = [f"v{number}" for number in range(len(self._values))]
        source = "".join(
            f"{line}\n"
            for line in (
                f"def bind({', '.join(taken)}):",
                f"    {start} call(request, args):",
                *_inside(_inside(lines)),
                "    return call",
            )
        )
        return Written(source, _compiled(source), self._values, self._place)

    def _value(self, value: object) -> str:
        self._values.append(value)
        return f"v{len(self._values) - 1}"

    def _name(self, node: Leaf | Step) -> str:
        return self._names.setdefault(node, f"a{len(self._names)}")

    def _scanning(self) -> list[str]:
        """Return the lines that read the query once, for all that want it."""
        if not self._places:
            return []
        first, found = self._value(self._first), "found"
        return [
            f"{found} = {first}.copy()",
            "text = request.environ.get('QUERY_STRING')",
            f"if text: {self._value(scan)}(text, {self._value(self._places)}, {found})",
        ]

    def _read(self, leaf: Leaf, reader: Reader) -> list[str]:
        """Return the lines that make one local variable."""
        name = self._name(leaf)
        lines = self._fetch(reader, name)
        convert = f"{name} = {self._value(reader.convert)}({name})"
        if leaf.place == "path" or (leaf.place == "body" and reader.is_required):
            return [*lines, convert] if reader.convert else lines
        if reader.is_required:
            absent = f"raise {self._value(Refused)}"
        else:
            absent = f"{name} = {self._value(leaf.default)}"
        if reader.keeps_empty and not reader.many:
            lines.append(f"if {name} is {self._value(MISSING)}: {absent}")
        else:
            lines.append(f"if not {name}: {absent}")
        return [*lines, f"else: {convert}"] if reader.convert else lines

    def _fetch(self, reader: Reader, name: str) -> list[str]:
        leaf, key = reader.leaf, reader.leaf.key
        if leaf.place == "body" and reader.inline:
            return [
                f"if request.environ.get('CONTENT_TYPE') != {JSON!r}:"
                f" {self._value(check_json)}(request)",
                f"{name} = request.get_data()",
            ]
        if leaf.place == "path":
            return [f"{name} = args[{self._value(key)}]"]
        if leaf.place == "header" and reader.inline:
            where, missing = self._value(environ_key(key)), self._value(MISSING)
            return [f"{name} = request.environ.get({where}, {missing})"]
        if leaf.place == "query" and reader.inline:
            start = MANY if reader.many else MISSING
            place = self._places.setdefault(key, len(self._first))
            if place == len(self._first):
                self._first.append(start)
            if self._first[place] is start:
                return [f"{name} = found[{place}]"]
        return [f"{name} = {self._value(reader.fetch)}(request, args)"]

    def _calls(self) -> list[str]:
        """Return the lines after the reading: what is called, and the return."""
        lines = []
        for leaf in self._plan.leaves:
            if leaf.place == "provided":
                lines.append(f"{self._name(leaf)} = {self._value(leaf.get)}(request)")
            elif leaf.place == "given":
                lines.append(f"{self._name(leaf)} = args[{self._value(leaf.name)}]")
            elif leaf.place == "default":
                lines.append(f"{self._name(leaf)} = {self._value(leaf.default)}")
        calls = [line for row in self._rows() for line in self._call_row(row)]
        result = self._expression(self._plan.steps[-1])
        calls.append(f"return {self._answer(result)}")
        if not any("generator" in step.kind for step in self._plan.steps[:-1]):
            return [*lines, *calls]
        closing = f"{self._value(self._closing)}(request)"
        if not self._closes:
            return [*lines, f"closing = {closing}", *calls]
        start = "async with" if self._plan.is_async else "with"
        return [*lines, f"{start} {closing} as closing:", *_inside(calls)]

    def _answer(self, result: str) -> str:
        """Return the expression of what is made of the result of the view."""
        if self._check is not None:
            result = f"{self._value(self._check)}({result})"
        if self._answering is None:
            return result
        encode, respond, status, headers = map(self._value, self._answering)
        # The host may add to the headers.
        return f"{respond}({encode}({result}), {status}, {headers}.copy())"

    def _rows(self) -> list[list[Step]]:
        """Return the dependencies: plain ones that follow each other in one row."""
        rows: list[list[Step]] = []
        for step in self._plan.steps[:-1]:
            if rows and not step.is_async and not rows[-1][-1].is_async:
                rows[-1].append(step)
            else:
                rows.append([step])
        return rows

    def _call_row(self, row: Sequence[Step]) -> list[str]:
        lines = [line for step in row for line in self._call(step)]
        if (
            self._hop is None
            or row[0].is_async
            or all(self._stays(step.function) for step in row)
        ):
            return lines
        names = "".join(f"{self._name(step)}, " for step in row)
        return [
            "def part():",
            *_inside(lines),
            f"    return {names}",
            f"{names}= await {self._value(self._hop)}(request, part)",
        ]

    def _call(self, step: Step) -> list[str]:
        name, check = self._name(step), self._checks(step)
        lines = [f"{name} = {self._expression(step)}"]
        return [*lines, f"{self._value(check)}({name})"] if check else lines

    def _expression(self, step: Step) -> str:
        arguments = []
        for source, keyword in step.arguments:
            name = self._name(source)
            if keyword is not None:
                name = f"**{{{self._value(keyword)}: {name}}}"
            arguments.append(name)
        is_view = step is self._plan.steps[-1]
        if is_view:
            self._place = len(self._values)
        call = f"{self._value(step.function)}({', '.join(arguments)})"
        if step.kind == "async":
            return f"await {call}"
        if "generator" in step.kind and not is_view:
            waits = "await closing.enter_async" if step.is_async else "closing.enter"
            return f"{waits}({call})"
        return call


def _inside(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Callable[..., Call]:
    """Return what binds the values of one view to a source."""
    filename = f"<{__package__}: call {next(numbers)}>"
    # Without a time, `linecache.checkcache()` keeps what is no file.
    linecache.cache[filename] = len(source), None, source.splitlines(True), filename
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile(source, filename, "exec"), namespace)
    bind: Callable[..., Call] = namespace["bind"]
    return bind
