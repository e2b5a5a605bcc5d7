"""The reference: every public name from its docstring, and none left out.

A page lists names in blocks, and each name becomes what its docstring says:

    ```{reference} tantalus_routing
    Map
    Rule
    ```

A block without names has all that its module offers. The build warns, and so fails,
if a public name stands in no block, stands in two, or has no docstring. A name that
several modules offer is described once and linked from the others.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import indent
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Generic, Protocol

import click
from docutils import nodes
from sphinx.addnodes import pending_xref, pending_xref_condition
from sphinx.pycode import ModuleAnalyzer
from sphinx.util import logging

DOORS = (
    "tantalus",
    "tantalus_http",
    "tantalus_routing",
    "tantalus_config",
    "tantalus_context",
    "tantalus_sessions",
    "tantalus_templating",
    "tantalus_cli",
    "tantalus_testing",
    "tantalus_typed",
    "tantalus_channels",
)
GUARD = "TYPE_CHECKING"
BLOCK = re.compile(r"^```\{reference\} (\S+)\n(.*?)^```$", re.M | re.S)
FIRST_SENTENCE = re.compile(r".+?\.(?=\s|$)", re.S)
STAND_IN = re.compile(r"TypeAliasForwardRef\('([\w.]+)'\)")
LINK_BACK = re.compile(r'<a class="viewcode-back"[^>]*>.*?</a>')
NAME = re.compile(r"[A-Za-z_][\w.]*(\(\))?")

NO_BASES = (object, Generic, Protocol)
# The last is the type of functions that keep their results.
NO_VARIABLES = (type, FunctionType, BuiltinFunctionType, type(cache(len)))

log = logging.getLogger(__name__)


def setup(app: Any) -> dict[str, bool]:
    app.connect("builder-inited", import_what_types_need)
    # After the links of the page were looked at: what a block becomes has none of them.
    app.connect("source-read", write_blocks, priority=900)
    app.connect("autodoc-process-bases", show_bases)
    app.connect("autodoc-process-signature", name_aliases)
    # Before Napoleon reads them.
    app.connect("autodoc-process-docstring", keep_colons, priority=400)
    app.connect("autodoc-skip-member", skip_what_dicts_say)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    # Each time, also if no page changed: a name may be new in the code.
    app.connect("env-updated", check_names)
    app.connect("missing-reference", find_by_object, priority=400)
    app.connect("html-page-context", leave_out_links_back)
    app.add_role("name", name_role)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# What there is to describe


@cache
def public_modules() -> tuple[str, ...]:
    """Return the modules that users may import: the doors, then what is behind them."""
    inner = [name for door in DOORS for name in inner_modules(door)]
    return (*DOORS, *inner)


def inner_modules(name: str) -> Iterator[str]:
    for found in pkgutil.iter_modules(import_module(name).__path__, f"{name}."):
        if not found.name.rpartition(".")[2].startswith("_"):
            yield found.name
            if found.ispkg:
                yield from inner_modules(found.name)


def public_names(module: str) -> list[str]:
    """Return what a module offers: its `__all__`, or else what is written in it."""
    listed = getattr(import_module(module), "__all__", None) or written_in(module)
    return [name for name in listed if not name.startswith("_")]


def written_in(module: str) -> list[str]:
    """Return the classes and functions of a module, and its variables with a type."""
    found = vars(import_module(module))
    described = {*analyzed(module).attr_docs, *analyzed(module).annotations}
    return [
        name
        for name in analyzed(module).tagorder
        if ("", name) in described
        or (
            name in found
            and not is_variable(found[name])
            and found[name].__module__ == module
        )
    ]


@cache
def analyzed(module: str) -> ModuleAnalyzer:
    analyzer = ModuleAnalyzer.for_module(module)
    analyzer.analyze()
    return analyzer


@cache
def homes() -> dict[int, str]:
    """Return where each object is described, by its id: at a door if one has it."""
    found: dict[int, str] = {}
    for module in public_modules():
        for name in public_names(module):
            found.setdefault(id(value_of(module, name)), f"{module}.{name}")
    return found


def type_aliases() -> dict[str, str]:
    """Return the types that signatures show by name, as code has them and in full."""
    homes_of = {name: "tantalus.typing" for name in public_names("tantalus.typing")}
    # The types of responses are those of the package that makes them.
    for name in public_names("tantalus_http"):
        if hasattr(import_module("tantalus.typing"), name):
            homes_of[name] = "tantalus_http"
    return {
        written: f"{home}.{name}"
        for name, home in homes_of.items()
        for written in (name, f"types.{name}")
    }


def value_of(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


def is_variable(value: object) -> bool:
    # By type: a proxy that is asked for anything asks for what it stands for.
    return not issubclass(type(value), NO_VARIABLES)


def import_what_types_need(app: Any) -> None:
    """Run the imports for type checkers, so that signatures can be read."""
    for module in public_modules():
        import_module(module)
    for name, loaded in list(sys.modules.items()):
        source = getattr(loaded, "__file__", None) or ""
        if is_ours(name) and source.endswith(".py"):
            tree = ast.parse(Path(source).read_text(encoding="utf-8"))
            for node in tree.body:
                if isinstance(node, ast.If) and ast.unparse(node.test) == GUARD:
                    guarded = ast.Module(node.body, type_ignores=[])
                    exec(compile(guarded, source, "exec"), vars(loaded))


# From blocks to descriptions


def write_blocks(app: Any, page: str, content: list[str]) -> None:
    """Put what the docstrings say in place of the blocks of a page."""
    placed: list[str] = []
    opened: set[str] = set()

    def write(found: re.Match[str]) -> str:
        module = found[1]
        if source := getattr(import_module(module), "__file__", None):
            app.env.note_dependency(source)
        here = "module" if module not in opened else "currentmodule"
        opened.add(module)
        names = found[2].split() or public_names(module)
        placed.extend(f"{module}.{name}" for name in names)
        text = "\n".join(describe(module, name) for name in names)
        return f"````{{eval-rst}}\n.. py:{here}:: {module}\n\n{text}\n````"

    content[0] = BLOCK.sub(write, content[0])
    if placed:
        pages_of(app.env)[page] = placed


def describe(module: str, name: str) -> str:
    """Return the directive that describes a name, or a link to its description."""
    if not hasattr(import_module(module), name):
        log.warning("%s has no name %r", module, name)
        return ""
    value = value_of(module, name)
    home = homes()[id(value)]
    if home != f"{module}.{name}":
        return f"* :py:obj:`{name} <{home}>`: {summary(value, home)}\n"
    if isinstance(value, ModuleType):
        return f"* :py:mod:`{value.__name__}`: {summary(value, home)}\n"
    text = document(value, home)
    if not text:
        log.warning("%s has no docstring, and no comment (#:) that is one", home)
    if is_variable(value) or not is_written_here(value):
        kind = "py:class" if inspect.isclass(value) else "py:data"
        return directive(kind, name, text=text)
    return directive(kind_of(value), home, options_of(value))


def is_written_here(value: Any) -> bool:
    return is_ours(value.__module__)


def is_ours(module: str) -> bool:
    return module.partition(".")[0] in DOORS


def directive(kind: str, name: str, options: str = "", text: str = "") -> str:
    body = f"{options}\n\n{text}" if text else options
    return f".. {kind}:: {name}\n{indent(body, '   ')}\n"


def kind_of(value: object) -> str:
    if not inspect.isclass(value):
        return "autofunction"
    return "autoexception" if issubclass(value, BaseException) else "autoclass"


def options_of(value: object) -> str:
    """Return what is shown of a class: what it has from bases that nobody sees, too."""
    if not inspect.isclass(value):
        return ""
    shown = ":members:"
    if bases_of(value):
        shown += "\n:show-inheritance:"
    if getattr(value, "_is_protocol", False):  # it cannot be asked for its bases
        return shown
    # What is described on the same page, or by others, is not described again; nor is
    # what these inherit themselves.
    known = [base for base in value.__mro__[1:] if is_described_nearby(base, value)]
    known = [inherited for base in known for inherited in base.__mro__]
    stop = ", ".join(dict.fromkeys(base.__name__ for base in known))
    return f"{shown}\n:inherited-members: {stop}"


def show_bases(
    app: Any, name: str, value: type, options: Any, bases: list[Any]
) -> None:
    """Show the bases that a reader may know, in place of those that are ours alone."""
    bases[:] = [
        f":py:class:`{home}`"
        if (home := homes().get(id(base)))
        else f"``{base.__module__}.{base.__qualname__}``".replace("builtins.", "")
        for base in bases_of(value)
    ]


def keep_colons(
    app: Any, what: str, name: str, item: object, options: Any, lines: list[str]
) -> None:
    """Keep Napoleon from taking what stands before a colon for a type.

    It does so in the first line of an attribute; a colon at the end of a line is none.
    """
    if what in {"attribute", "data", "property"} and lines:
        first, colon, rest = lines[0].partition(": ")
        if colon:
            lines[:1] = [f"{first}:", rest]


def skip_what_dicts_say(
    app: Any, what: str, name: str, value: object, skip: bool, options: Any
) -> bool | None:
    """Leave out a method of a dict that says of itself only what a dict's says."""
    own = getattr(dict, name, None)
    return True if own is not None and value.__doc__ == own.__doc__ else None


def bases_of(value: type) -> list[type]:
    """Return the nearest bases that are public, or not ours."""
    found: list[type] = []
    for base in value.__bases__:
        found += [base] if is_seen(base) else bases_of(base)
    return [base for base in dict.fromkeys(found) if base not in NO_BASES]


def is_described_nearby(base: type, value: type) -> bool:
    packages = {found.__module__.partition(".")[0] for found in (base, value)}
    return not is_written_here(base) or (is_seen(base) and len(packages) == 1)


def is_seen(base: type) -> bool:
    return id(base) in homes() or not is_written_here(base)


def name_aliases(
    app: Any, what: str, name: str, value: object, options: Any, *signature: str | None
) -> tuple[str | None, ...]:
    """Show a named type inside a union by its name; Sphinx shows its own stand-in."""
    return tuple(text and STAND_IN.sub(r"~\1", text) for text in signature)


def summary(value: object, home: str) -> str:
    """Return the first sentence of what is said about a name."""
    found = FIRST_SENTENCE.match(document(value, home))
    return " ".join(found[0].split()) if found else ""


def document(value: Any, home: str) -> str:
    """Return what is said about a name where it is written."""
    if isinstance(value, click.Command):
        return f"The command ``{value.name}``: {first_line(value.help)}"
    if isinstance(value, click.Option):
        return f"The option ``{value.opts[0]}``: {first_line(value.help)}"
    package, name = home.partition(".")[0], home.rpartition(".")[2]
    if is_variable(value) and not isinstance(value, ModuleType):
        return variable_document(package, name)
    if isinstance(value, ModuleType) or is_written_here(value):
        return inspect.getdoc(value) or ""
    origin = f"``{value.__module__}.{value.__qualname__}``, under this name too."
    return variable_document(package, name) or origin


def first_line(text: str | None) -> str:
    return (text or "").partition("\n\n")[0].replace("\n", " ")


@cache
def variable_document(package: str, name: str) -> str:
    """Return the comment (`#:`) of a variable, wherever in the package it is."""
    path = import_module(package).__path__
    inner = [found.name for found in pkgutil.walk_packages(path, f"{package}.")]
    for module in (package, *inner):
        if module.endswith(".__main__"):  # it would run
            continue
        lines = analyzed(module).attr_docs.get(("", name))
        if lines:
            return "\n".join(lines).strip()
    return ""


# That none is missing


def pages_of(env: Any) -> dict[str, list[str]]:
    """Return the names on each page, kept with what Sphinx knows of the pages."""
    if not hasattr(env, "reference_pages"):
        env.reference_pages = {}
    pages: dict[str, list[str]] = env.reference_pages
    return pages


def forget_page(app: Any, env: Any, page: str) -> None:
    pages_of(env).pop(page, None)


def merge_pages(app: Any, env: Any, pages: Any, other: Any) -> None:
    pages_of(env).update(
        {page: names for page, names in pages_of(other).items() if page in pages}
    )


def check_names(app: Any, env: Any) -> None:
    """Warn about public names that stand nowhere, or twice."""
    placed = Counter(name for names in pages_of(env).values() for name in names)
    for module in public_modules():
        for name in public_names(module):
            count = placed[f"{module}.{name}"]
            if count != 1:
                stands = "in no block" if count == 0 else f"in {count} blocks"
                log.warning(
                    "%s.%s stands %s of the reference",
                    module,
                    name,
                    stands,
                    location=import_module(module).__file__,
                )


# Links inside docstrings and signatures


def name_role(
    role: str, raw: str, text: str, line: int, inliner: Any, *rest: Any
) -> tuple[list[nodes.Node], list[Any]]:
    """Read what is in backticks: code, and a link if it names what is described."""
    code = nodes.literal(raw, text)
    if not NAME.fullmatch(text):
        return [code], []
    env = inliner.document.settings.env
    link = pending_xref(
        raw,
        code,
        refdomain="py",
        reftype="obj",
        reftarget=text.removesuffix("()"),
        refdoc=env.docname,
        refexplicit=True,
        by_the_way=True,
    )
    link["py:module"] = env.ref_context.get("py:module")
    link["py:class"] = env.ref_context.get("py:class")
    return [link], []


def find_by_object(app: Any, env: Any, node: Any, content: Any) -> Any:
    """Find what a signature names by where it is written, and not by its public name.

    What is not described here, because it belongs to others or to no user, is text.
    """
    if node.get("refdomain") != "py":
        return None
    if isinstance(content, pending_xref_condition):
        content = nodes.inline(text := content.astext(), text)
    target = node["reftarget"]
    home = homes().get(id(imported(target)))
    found = None
    if home is not None and home != target:
        found = env.domains["py"].resolve_xref(
            env, node["refdoc"], app.builder, "obj", home, node, content
        )
    if found is None and (home is None or node.get("by_the_way")):
        return content
    return found


@cache
def imported(target: str) -> object:
    """Return what a full name stands for, or None."""
    module, _, name = target.rpartition(".")
    try:
        return getattr(import_module(module), name, None) if module else None
    except ImportError:
        return None


def leave_out_links_back(
    app: Any, page: str, template: str, context: Any, doctree: Any
) -> None:
    """Take the links to the reference out of pages with source code.

    They are wrong wherever the names of one module are described under several.
    """
    if page.startswith("_modules/"):
        context["body"] = LINK_BACK.sub("", context["body"])
