"""The regular expressions of the packages, found in their objects and in their source.

What is compiled when a module is loaded is found in its objects: globals, classes,
defaults and closures of functions, containers. What is compiled later is found in the
source: each call of `re`. If its expression is made at run time, `BUILT` says of what
kind it is.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from werkzeug.routing import PathConverter

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted(ROOT.glob("packages/*/src/*/"))
# What an expression may be asked for, and what tries it at each place of a text.
ANCHORED = frozenset({"match", "fullmatch"})
SEARCHING = frozenset({"search", "sub", "subn", "split", "findall", "finditer"})

RULE_PARTS = (
    *(r"(?P<__werkzeug_0>[^/]{1,})\Z", r"(?P<__werkzeug_0>[^/].*?)\Z"),
    *(r"(?P<__werkzeug_0>-?\d+)\Z", r"(?P<__werkzeug_0>-?\d+\.\d+)\Z"),
    *(r"(?P<__werkzeug_0>(?:a|b|ab))\Z", r"(?P<__werkzeug_0>[^/]{2})\Z"),
    *(r"(?P<__werkzeug_0>[^/]{1,9})\Z", r"(?P<__werkzeug_0>[^/].*?)/x\Z"),
    *(r"a-(?P<__werkzeug_0>[^/]{1,})\.html\Z", r"(?P<__werkzeug_0>\d+)-x\Z"),
    r"(?P<__werkzeug_0>[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12})\Z",
)
#: End of the name of a function that makes expressions → what it makes.
BUILT: dict[str, tuple[str, ...]] = {
    "._converters.segment_test": RULE_PARTS,
    "._converters.rest_test": (*RULE_PARTS, PathConverter.regex),
    "._tree.mixed_test": RULE_PARTS,
    "._parser.checked": RULE_PARTS,
    "._build_errors.takes": RULE_PARTS,
    "._sequence.read_step": (r"[^/]+", r"\d+", ".+", "-+", "[A-Fa-f0-9]+"),
}
#: Expressions that no request reaches → who reaches them.
UNREACHED: dict[str, str] = {
    "tantalus_routing._redirects.PLACEHOLDER": "reads `redirect_to`, which rules name",
    "tantalus_routing._sequence.REPEATS": "reads the expressions of converters",
}


class Expression(NamedTuple):
    """An expression, and what it is asked for."""

    name: str
    pattern: str | bytes
    flags: int
    methods: frozenset[str]


def expressions() -> list[Expression]:
    """Return all that a request may reach, each once."""
    found = {
        (each.pattern, each.flags, each.methods): each
        for each in [*in_objects(), *in_source()]
        if each.name not in UNREACHED
    }
    return sorted(found.values(), key=lambda each: each.name)


@cache
def modules() -> tuple[ModuleType, ...]:
    """Return every module of the packages."""
    names = [
        name
        for folder in SOURCES
        for name in (
            folder.name,
            *(
                module.name
                for module in pkgutil.walk_packages([str(folder)], f"{folder.name}.")
            ),
        )
        # These two run when they are imported.
        if not name.endswith((".__main__", ".as_flask"))
    ]
    return tuple(map(importlib.import_module, names))


def in_objects() -> Iterator[Expression]:
    """Return the expressions that the modules hold."""
    for module in modules():
        seen: set[int] = set()
        for name, value in vars(module).items():
            for pattern in patterns_in(value, module.__name__, seen):
                methods = methods_of(name) or ANCHORED
                yield Expression(
                    f"{module.__name__}.{name}", pattern.pattern, pattern.flags, methods
                )


def patterns_in(
    value: Any, module: str, seen: set[int]
) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """Return the expressions in a value of a module, however deep."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value
        return
    for part in parts_of(value, module):
        yield from patterns_in(part, module, seen)


def parts_of(value: Any, module: str) -> list[Any]:
    """Return what a value holds, if it is a container or of the module."""
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    if inspect.isbuiltin(value):
        return [value.__self__]  # such as a `match` of an expression
    if getattr(value, "__module__", None) != module:
        return []
    if inspect.isclass(value):
        return list(vars(value).values())
    if isinstance(value, (property, staticmethod, classmethod)):
        return [getattr(value, name, None) for name in ("fget", "fset", "__func__")]
    if inspect.isfunction(value):
        cells = [cell.cell_contents for cell in value.__closure__ or () if full(cell)]
        defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        return [*cells, *defaults, getattr(value, "__wrapped__", None)]
    return [
        getattr(value, "__wrapped__", None),
        *getattr(value, "__dict__", {}).values(),
    ]


def full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:  # nothing was put in yet
        return False


@cache
def text_of_sources() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8")
        for folder in SOURCES
        for path in folder.rglob("*.py")
    )


def methods_of(name: str) -> frozenset[str]:
    """Return what an expression of a name is asked for, anywhere."""
    asked = re.findall(rf"\b{re.escape(name)}(?:\(\))?\.(\w+)", text_of_sources())
    return frozenset(asked) & (ANCHORED | SEARCHING)


def in_source() -> Iterator[Expression]:
    """Return the expressions of all calls of `re`.

    Raises:
        LookupError: One is made at run time, and `BUILT` does not say how.
    """
    for module in modules():
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        yield from calls_in(ast.parse(source), module.__name__, vars(module), BUILT)


def calls_in(
    tree: ast.Module,
    module: str,
    names: Mapping[str, Any],
    built: Mapping[str, tuple[str, ...]],
) -> Iterator[Expression]:
    """Return the expressions of a module's calls of `re`.

    Raises:
        LookupError: One is made at run time, and `built` does not say how; or `re` is
            used in a way that hides an expression.
    """
    scopes = list(named_scopes(tree, module))
    for scope, node in scopes:
        if isinstance(node, ast.ImportFrom) and node.module == "re":
            raise LookupError(f"{scope}, line {node.lineno}: write 'import re'.")
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "re" and alias.asname is not None:
                    raise LookupError(
                        f"{scope}, line {node.lineno}: no other name for re."
                    )
        if isinstance(node, ast.Call) and called_of_re(node):
            yield from of_call(node, scope, names, built)


def named_scopes(tree: ast.AST, scope: str) -> Iterator[tuple[str, ast.AST]]:
    """Return all nodes with the dotted name of the function they are in."""
    for node in ast.iter_child_nodes(tree):
        yield scope, node
        inner = getattr(node, "name", None)
        is_scope = isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        )
        yield from named_scopes(node, f"{scope}.{inner}" if is_scope else scope)


def called_of_re(node: ast.Call) -> str | None:
    """Return the function of `re` that is called, if it takes an expression."""
    called = node.func
    if not isinstance(called, ast.Attribute) or not isinstance(called.value, ast.Name):
        return None
    known = {"compile"} | ANCHORED | SEARCHING
    return called.attr if called.value.id == "re" and called.attr in known else None


def of_call(
    node: ast.Call,
    scope: str,
    names: Mapping[str, Any],
    built: Mapping[str, tuple[str, ...]],
) -> Iterator[Expression]:
    """Return the expressions of one call."""
    keywords = {each.arg: each.value for each in node.keywords}
    given = node.args[0] if node.args else keywords["pattern"]
    function = called_of_re(node)
    methods = ANCHORED if function == "compile" else frozenset({str(function)})
    try:
        patterns: tuple[str | bytes, ...] = (evaluated(given, names),)
    except NameError:
        fitting = [each for name, each in built.items() if scope.endswith(name)]
        if not fitting:
            raise LookupError(
                f"{scope}, line {node.lineno}: the expression is made at run time."
                f" Put what it may be into BUILT, in {Path(__file__).name}."
            ) from None
        patterns = fitting[0]
    position = (
        1
        if function == "compile"
        else {"sub": 4, "subn": 4, "split": 3}.get(str(function), 2)
    )
    flags = keywords.get("flags") or (
        node.args[position] if len(node.args) > position else ast.Constant(0)
    )
    for number, pattern in enumerate(patterns):
        name = f"{scope}:{node.lineno}.{number}"
        yield Expression(
            name,
            pattern,
            re.compile(pattern, int(evaluated(flags, names))).flags,
            methods,
        )


def evaluated(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return the value of an expression of Python that uses globals at most."""
    whole = ast.fix_missing_locations(ast.Expression(node))
    code = compile(whole, "expression", "eval")
    return eval(code, dict(names))
