"""Find the mistakes in templates that need no data to be found.

Each template is compiled as a render would do it, and its tree is searched for the
names of filters, tests and other templates. What is only known while rendering (a
parent whose name is a variable) is passed over. Costs one parse and one compilation
per template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import jinja2
from jinja2 import TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.filters import FILTERS

from ._errors import did_you_mean

Kind: TypeAlias = Literal[
    "syntax", "filter", "test", "parent", "include", "import", "unreadable"
]
FunctionKind: TypeAlias = Literal["filter", "test"]
Reference: TypeAlias = nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport

_KINDS: dict[type[nodes.Node], Kind] = {
    nodes.Extends: "parent",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
}
_FUNCTION_KINDS: tuple[FunctionKind, ...] = ("filter", "test")

# Built-in filters that take the name of another function: which kind, which argument.
_NAMED_BY_ARGUMENT: dict[str, tuple[FunctionKind, int]] = {
    "map": ("filter", 0),
    "select": ("test", 0),
    "reject": ("test", 0),
    "selectattr": ("test", 1),
    "rejectattr": ("test", 1),
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake in a template; `str()` gives `file:line: message`.

    Attributes:
        template: The name of the template.
        file: Its file, or its name if it is not in a file.
        line: The line of the mistake, from 1.
        kind: What sort of mistake.
        message: What is wrong, in a sentence.
    """

    template: str
    file: str
    line: int
    kind: Kind
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def check(
    environment: jinja2.Environment, names: Iterable[str] | None = None
) -> list[Problem]:
    """Return the mistakes in the templates of `environment`, by template and line.

    A filter or test that the template asks for first, with `"x" is filter` or
    `"x" is test`, may be unknown.

    Args:
        names: The templates to check; all that the loader lists unless given.

    Raises:
        TypeError: There is no loader, or `names` is not given and it cannot list.
    """
    if environment.loader is None:
        raise TypeError("The environment has no loader. Give it one to check it.")
    chosen = environment.list_templates() if names is None else names
    library = _Library(environment, environment.loader)
    return sorted(
        problem
        for name in dict.fromkeys(chosen)
        for problem in _problems(library, name)
    )


@dataclass(slots=True)
class _Page:
    """A template that was read, with its tree once it is parsed."""

    name: str
    file: str
    source: str
    tree: nodes.Template

    def problem(self, node: nodes.Node, kind: Kind, message: str) -> Problem:
        return Problem(self.name, self.file, node.lineno, kind, message)


@dataclass(slots=True)
class _Library:
    """The templates of one environment, each read and parsed once."""

    environment: jinja2.Environment
    loader: jinja2.BaseLoader
    _pages: dict[str, _Page | Problem | None] = field(default_factory=dict)

    def page(self, name: str) -> _Page | Problem | None:
        """Return the template, what keeps it from being parsed, or None if missing."""
        if name not in self._pages:
            self._pages[name] = self._read(name)
        return self._pages[name]

    def has(self, name: str) -> bool:
        """Return whether the template exists, readable or not."""
        return self.page(name) is not None

    def nearest(self, name: str) -> str:
        """Return a sentence with the existing template nearest to `name`, or nothing.

        Only what was read so far is known if the loader cannot list.
        """
        try:
            return did_you_mean(name, self.loader.list_templates())
        except TypeError:
            return did_you_mean(
                name, [known for known in self._pages if self.has(known)]
            )

    def _read(self, name: str) -> _Page | Problem | None:
        try:
            source, file, _ = self.loader.get_source(self.environment, name)
        except TemplateNotFound:
            return None
        except (OSError, UnicodeError) as error:
            return Problem(name, name, 1, "unreadable", f"Cannot be read: {error}.")
        file = file or name
        try:
            tree = self.environment.parse(source, name, file)
        except TemplateSyntaxError as error:
            return _syntax(name, file, error)
        return _Page(name, file, source, tree)


def _syntax(name: str, file: str, error: TemplateSyntaxError) -> Problem:
    return Problem(name, file, error.lineno, "syntax", str(error.message))


def _problems(library: _Library, name: str) -> Iterator[Problem]:
    page = library.page(name)
    if page is None:
        yield Problem(name, name, 1, "unreadable", "The template does not exist.")
    elif isinstance(page, Problem):
        yield page
    else:
        yield from _unknown_functions(page, library.environment)
        yield from _compilation(page, library.environment)
        yield from _references(page, library)
        yield from _circle(page, library)


def _unknown_functions(
    page: _Page, environment: jinja2.Environment
) -> Iterator[Problem]:
    """Yield a problem for each use of a filter or test that is not registered."""
    asked_for = {
        (test.name, test.node.value)
        for test in page.tree.find_all(nodes.Test)
        if isinstance(test.node, nodes.Const)
    }
    for use in _uses(page.tree, environment):
        known = _registered(environment, use.kind)
        if use.name not in known and (use.kind, use.name) not in asked_for:
            hint = did_you_mean(use.name, known)
            message = f"The {use.kind} {use.name!r} is not registered.{hint}"
            yield page.problem(use.node, use.kind, message)


@dataclass(frozen=True, slots=True)
class _Use:
    """The name of a filter or test, and where it stands."""

    node: nodes.Node
    kind: FunctionKind
    name: str


def _uses(tree: nodes.Template, environment: jinja2.Environment) -> Iterator[_Use]:
    for call in tree.find_all(nodes.Filter):
        yield _Use(call, "filter", call.name)
        if environment.filters.get(call.name) is FILTERS.get(call.name):
            yield from _named_by_argument(call)
    for test in tree.find_all(nodes.Test):
        yield _Use(test, "test", test.name)


def _named_by_argument(call: nodes.Filter) -> Iterator[_Use]:
    """Yield what `map("upper")` or `selectattr("age", "odd")` name in a string."""
    kind, position = _NAMED_BY_ARGUMENT.get(call.name, ("filter", len(call.args)))
    for argument in call.args[position : position + 1]:
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            yield _Use(argument, kind, argument.value)


def _registered(
    environment: jinja2.Environment, kind: FunctionKind
) -> Mapping[str, object]:
    return environment.filters if kind == "filter" else environment.tests


def _compilation(page: _Page, environment: jinja2.Environment) -> Iterator[Problem]:
    """Yield what the compiler objects to, unknown filters and tests apart."""
    lenient = environment.overlay()
    for kind in _FUNCTION_KINDS:
        names = {use.name for use in _uses(page.tree, environment) if use.kind == kind}
        # Any function will do, as it is not called, and other mistakes come to light.
        stand_ins = dict.fromkeys(names, str)
        setattr(lenient, f"{kind}s", {**stand_ins, **_registered(environment, kind)})
    try:
        lenient.compile(page.tree, page.name, page.file)
    except TemplateSyntaxError as error:
        yield _syntax(page.name, page.file, error)
    except SyntaxError as error:
        # Python's limits on nesting, for which no line of the template is known.
        yield Problem(page.name, page.file, 1, "syntax", f"Too complex: {error.msg}.")


def _references(page: _Page, library: _Library) -> Iterator[Problem]:
    """Yield a problem for each template that is named and does not exist."""
    for node in _find_references(page.tree):
        if isinstance(node, nodes.Include) and node.ignore_missing:
            continue
        for choice in _named_templates(node.template):
            names = [library.environment.join_path(name, page.name) for name in choice]
            if not any(map(library.has, names)):
                yield _missing(page, node, names, library)
            elif isinstance(node, nodes.FromImport):
                yield from _missing_names(page, node, library.page(names[0]))


def _find_references(tree: nodes.Template) -> Iterator[Reference]:
    yield from tree.find_all(nodes.Extends)
    yield from tree.find_all(nodes.Include)
    yield from tree.find_all(nodes.Import)
    yield from tree.find_all(nodes.FromImport)


def _named_templates(expression: nodes.Node) -> list[list[str]]:
    """Return groups of names, of each of which one has to exist; none if not fixed."""
    if isinstance(expression, nodes.Const):
        return [[expression.value]] if isinstance(expression.value, str) else []
    if isinstance(expression, nodes.CondExpr):
        branches = [expression.expr1, expression.expr2]
        return [
            group for branch in branches if branch for group in _named_templates(branch)
        ]
    if isinstance(expression, (nodes.List, nodes.Tuple)):
        values = [getattr(item, "value", None) for item in expression.items]
        names = [value for value in values if isinstance(value, str)]
        return [names] if names and len(names) == len(values) else []
    return []


def _missing(
    page: _Page, node: Reference, names: list[str], library: _Library
) -> Problem:
    kind = _KINDS[type(node)]
    wanted = " or ".join(map(repr, names))
    message = f"The {kind} {wanted} does not exist.{library.nearest(names[0])}"
    return page.problem(node, kind, message)


def _circle(page: _Page, library: _Library) -> Iterator[Problem]:
    """Yield a problem if the parents of `page` lead back to it."""
    names = [page.name]
    parent = _parent(page, library)
    while parent is not None and parent.name not in names:
        names.append(parent.name)
        parent = _parent(parent, library)
    if parent is page:
        way = " -> ".join(map(repr, [*names, page.name]))
        extends = page.tree.find(nodes.Extends) or page.tree
        yield page.problem(extends, "parent", f"The template extends itself: {way}.")


def _parent(page: _Page, library: _Library) -> _Page | None:
    """Return the parent that `page` has in any case, if it can be read."""
    extends = next((n for n in page.tree.body if isinstance(n, nodes.Extends)), None)
    if extends is None or not isinstance(extends.template, nodes.Const):
        return None
    groups = _named_templates(extends.template)
    if not groups:
        return None
    parent = library.page(library.environment.join_path(groups[0][0], page.name))
    return parent if isinstance(parent, _Page) else None


def _missing_names(
    page: _Page, node: nodes.FromImport, target: _Page | Problem | None
) -> Iterator[Problem]:
    # What a parent exports, a child exports too: only a template without one is sure.
    if not isinstance(target, _Page) or target.tree.find(nodes.Extends):
        return
    exported = set(_exports(target.tree.body))
    for entry in node.names:
        name = entry if isinstance(entry, str) else entry[0]
        if name not in exported:
            hint = did_you_mean(name, exported)
            message = f"{target.name!r} does not export {name!r}.{hint}"
            yield page.problem(node, "import", message)


def _exports(body: list[nodes.Node]) -> Iterator[str]:
    """Yield the names that statements at the top of a template give to importers."""
    for node in body:
        if isinstance(node, nodes.Macro):
            yield node.name
        elif isinstance(node, nodes.Import):
            yield node.target
        elif isinstance(node, nodes.FromImport):
            yield from (
                name if isinstance(name, str) else name[1] for name in node.names
            )
        elif isinstance(node, (nodes.Assign, nodes.AssignBlock)):
            yield from _stored(node.target)
        elif isinstance(node, nodes.If):
            yield from _exports([*node.body, *node.elif_, *node.else_])


def _stored(target: nodes.Node) -> Iterator[str]:
    names = [target] if isinstance(target, nodes.Name) else target.find_all(nodes.Name)
    return (name.name for name in names)
