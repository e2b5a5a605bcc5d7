"""Functions written out for one shape of rules.

What a rule does to its variables is a loop, and a loop costs more than the work on two
or three of them. So the loop is written out: for each *shape* (how many variables, and
what kind of step each needs) the source of a function is made and compiled once, and
every rule of that shape gets it bound to its own names, texts and conversions.

Nothing in a source comes from a rule; it is made of fixed words and of numbers. It can
be read in tracebacks and with `inspect`, which find it in `linecache`.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable, Sequence
from typing import Any

numbers = itertools.count(1)
Bind = Callable[..., Callable[..., Any]]


def written_out(taken: Sequence[str], function: str, **used: object) -> Bind:
    """Return a function that binds the values of one rule to the source of another.

    Args:
        taken: Names in `function` that differ from rule to rule; values for them are
            the arguments of what is returned.
        function: Source of one function, without indentation.
        used: Names in `function` that are the same for all rules.
    """
    name = function.removeprefix("def ").partition("(")[0]
    body = "".join(f"    {line}\n" for line in function.splitlines())
    source = f"def bind({', '.join(taken)}):\n{body}    return {name}\n"
    filename = f"<{__package__}: {name} {next(numbers)}>"
    # Without a time, `linecache.checkcache()` keeps what is no file.
    linecache.cache[filename] = len(source), None, source.splitlines(True), filename
    namespace = dict(used, __name__=__name__)
    exec(compile(source, filename, "exec"), namespace)
    bind: Bind = namespace["bind"]  # type: ignore[assignment]  # defined just above
    return bind
