"""A module of functions that build the URLs of an app, one for each endpoint.

A type checker reads them as it reads any function: it tells of a variable that is
missing, of one that is none, and of a wrong type. (As overloads of one `url_for()`, a
few hundred endpoints take it half a minute, measured.)
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import starmap
from typing import NamedTuple

from ._errors import RoutingError

_HEAD = '''\
"""Links to the endpoints of this app. Made by a command, to be made again by it."""

from __future__ import annotations

{imports}
'''
# Modules of the types that variables have.
_MODULES = {"UUID": "uuid", "date": "datetime", "datetime": "datetime"}
_WIDE = 88


class Link(NamedTuple):
    """What the URL of an endpoint is made of; types are as they are written in code.

    Attributes:
        endpoint: Its name.
        required: Variables that each of its rules has, with their types.
        optional: Variables of some of its rules, and parameters of the query.
    """

    endpoint: str
    required: Mapping[str, str]
    optional: Mapping[str, str]


class LinkNameTaken(RoutingError, ValueError):
    """Two endpoints would be one function."""

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(
            f"The endpoints {first!r} and {second!r} would both be the function"
            f" {name}(). Name one of them otherwise, by endpoint='...' of its route."
        )


def links_module(links: Iterable[Link], *, url_for: str) -> str:
    """Return the source of a module with a function for each endpoint.

    Args:
        url_for: The module that `url_for` comes from.

    Raises:
        LinkNameTaken: Two endpoints differ by dots and the like alone.
    """
    endpoints: dict[str, str] = {}
    functions: list[str] = []
    types: set[str] = set()
    for link in sorted(links, key=lambda one: one.endpoint):
        name = _identifier(link.endpoint)
        if name in endpoints:
            raise LinkNameTaken(name, endpoints[name], link.endpoint)
        endpoints[name] = link.endpoint
        functions.append(_function(name, link))
        for hint in (*link.required.values(), *link.optional.values()):
            types.update(re.findall(r"\w+", hint))
    imports = [*_imports(types), f"from {url_for} import url_for"]
    return _HEAD.format(imports="\n".join(imports)) + "".join(functions)


def _imports(types: set[str]) -> Iterator[str]:
    """Yield the lines that import types, and an empty one below them."""
    modules = sorted({_MODULES[one] for one in types if one in _MODULES})
    for module in modules:
        names = sorted(one for one in types if _MODULES.get(one) == module)
        yield f"from {module} import {', '.join(names)}"
    if modules:
        yield ""


def _function(name: str, link: Link) -> str:
    own = {one: _identifier(one) for one in (*link.required, *link.optional)}
    parameters = ["*", *(f"{own[one]}: {hint}" for one, hint in link.required.items())]
    parameters += [
        f"{own[one]}: {hint} | None = None" for one, hint in link.optional.items()
    ]
    parameters.append("_external: bool | None = None")
    arguments = [json.dumps(link.endpoint), *starmap(_argument, own.items())]
    arguments.append("_external=_external")
    head = _fitting(f"def {name}", parameters, " -> str:", "")
    return f"\n\n{head}{_fitting('return url_for', arguments, '', '    ')}"


def _argument(name: str, variable: str) -> str:
    return f"{name}={name}" if name == variable else f"**{{{name!r}: {variable}}}"


def _fitting(start: str, parts: Sequence[str], end: str, indent: str) -> str:
    """Return parts in parentheses, in one line if they fit and else in one each."""
    line = f"{indent}{start}({', '.join(parts)}){end}\n"
    if len(line) <= _WIDE + 1:
        return line
    inside = "".join(f"{indent}    {one},\n" for one in parts)
    return f"{indent}{start}(\n{inside}{indent}){end}\n"


def _identifier(name: str) -> str:
    """Return a name that Python takes for one."""
    made = re.sub(r"\W", "_", name)
    if made[:1].isdigit() or not made:
        made = f"_{made}"
    return f"{made}_" if keyword.iskeyword(made) else made
