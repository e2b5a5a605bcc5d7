"""The Jinja environment for the web: what is escaped, and what comes by default."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, MutableMapping
from functools import lru_cache
from traceback import walk_tb
from typing import Any, NoReturn, TypeAlias

import jinja2
from jinja2 import TemplatesNotFound, UndefinedError, nodes
from jinja2.utils import missing

from ._errors import TemplatingError, UndefinedVariable, template_location
from ._globals import GlobalsChain
from ._loader import DispatchingLoader
from ._processors import AnyProcessor
from ._registration import F, function_name
from ._render import Template

HTML_EXTENSIONS = (".html", ".htm", ".xml", ".xhtml", ".svg")
"""Names that end so hold markup, and are escaped."""

TEMPLATE_SUFFIXES = (".jinja", ".jinja2", ".j2", ".tmpl", ".tpl")
"""Endings that say *template* and not what of: `autoescape_safe` looks before them."""

TEXT_EXTENSIONS = frozenset(
    {
        ".txt", ".text", ".md", ".markdown", ".rst", ".adoc", ".tex", ".log", ".po",
        ".ics", ".vcf",
        ".js", ".mjs", ".cjs", ".ts", ".css", ".scss", ".sass", ".less", ".graphql",
        ".json", ".jsonl", ".ndjson", ".json5", ".jsonld", ".geojson", ".webmanifest",
        ".map",
        ".csv", ".tsv", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".env",
        ".properties",
        ".sql", ".sh", ".bash", ".zsh", ".fish", ".bat", ".ps1",
        ".py", ".rb", ".pl", ".go", ".rs", ".c", ".h", ".java",
    }
)  # fmt: skip
"""Names that end so hold text without markup, which `autoescape_safe` leaves alone."""

_DICT_ATTRIBUTES = frozenset(dir(dict))

# Jinja leaves the types of its options, globals and values open.
JinjaOption: TypeAlias = Any
Value: TypeAlias = Any
JinjaGlobals: TypeAlias = MutableMapping[str, Any]


def autoescape_html(name: str | None) -> bool:
    """Return whether `name` ends as an HTML file does; a string counts as one."""
    return name is None or name.endswith(HTML_EXTENSIONS)


@lru_cache(maxsize=1024)
def autoescape_safe(name: str | None) -> bool:
    """Return whether `name` may hold markup: all but what ends as other text does.

    Only the endings in `TEXT_EXTENSIONS` are left alone; an ending that is not known
    counts as markup, as no ending does. A template suffix is taken off first, and
    letter case is ignored: `a.html.j2`, `a.HTM`, `a.rss`, `a.partial`, `a.jinja` and
    `a` are escaped, `a.txt`, `a.txt.j2` and `a.js` are not.
    """
    if name is None:
        return True
    stem = name.lower().rpartition("/")[2]
    for suffix in TEMPLATE_SUFFIXES:
        stem = stem.removesuffix(suffix)
    _, dot, extension = stem.rpartition(".")
    return dot + extension not in TEXT_EXTENSIONS


class StrictUndefined(jinja2.StrictUndefined):
    """An undefined variable that may not be used, and says in which template it was.

    Pass it as the environment's `undefined`. Each use but `is defined` and `default`
    raises `UndefinedVariable`.
    """

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: type[jinja2.TemplateRuntimeError] = UndefinedError,
    ) -> None:
        # The sandbox passes a class of its own, which then has to come out.
        chosen = UndefinedVariable if exc is UndefinedError else exc
        super().__init__(hint, obj, name, chosen)


class Environment(jinja2.Environment):
    """A Jinja environment with safe defaults for the web and quick contexts.

    Takes the options of `jinja2.Environment`, by keyword. Set-up: filters, tests,
    globals and policies are to be complete before the first render.

    Args:
        autoescape: Default `autoescape_safe`.
        json_dumps: What `tojson` calls, with a value and keyword arguments as
            `json.dumps` takes them; the result is made safe for HTML after it.

    Attributes:
        context_processors: What gives each render more variables, in order.
    """

    template_class: type[jinja2.Template] = Template

    def __init__(
        self,
        *,
        json_dumps: Callable[..., str] | None = None,
        **options: JinjaOption,
    ) -> None:
        options.setdefault("autoescape", autoescape_safe)
        super().__init__(**options)
        self.context_processors: list[AnyProcessor] = []
        if json_dumps is not None:
            self.policies["json.dumps_function"] = json_dumps

    def context_processor(self, function: F) -> F:
        """Have the mapping that `function` returns at each render as variables too.

        It holds for whoever renders a template of this environment. A coroutine
        function is awaited, by `render_async()` and `generate_async()` of a template.

        Raises:
            UnnamedFunction: It cannot be called.
        """
        function_name(function, "a context processor")
        self.context_processors.append(function)
        return function

    def getattr(self, obj: Value, attribute: str) -> Value:
        """Return what `obj.attribute` is in a template: the attribute, else the item.

        As in Jinja; a plain dict is not first asked for an attribute it cannot have,
        which halves the time of a table made of dicts.
        """
        if type(obj) is dict and attribute in obj and attribute not in _DICT_ATTRIBUTES:
            return obj[attribute]
        if self.sandboxed:
            return super().getattr(obj, attribute)
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return self._item(obj, attribute)

    def _item(self, obj: Value, name: str) -> Value:
        try:
            return obj[name]
        except (TypeError, LookupError, AttributeError):
            return self.undefined(obj=obj, name=name)

    def make_globals(self, d: JinjaGlobals | None) -> JinjaGlobals:
        """Return a live map of `d` over the globals of the environment."""
        return GlobalsChain({} if d is None else d, self.globals)

    def from_string(
        self,
        source: str | nodes.Template,
        globals: JinjaGlobals | None = None,
        template_class: type[jinja2.Template] | None = None,
    ) -> jinja2.Template:
        """Return a template made of `source`, which it keeps for rendering blocks."""
        template = super().from_string(source, globals, template_class)
        if isinstance(template, Template) and isinstance(source, str):
            template.source = source
        return template

    def select_template(
        self,
        names: Iterable[str | jinja2.Template],
        parent: str | None = None,
        globals: JinjaGlobals | None = None,
    ) -> jinja2.Template:
        """Return the first of `names` that exists.

        Raises:
            TemplateMissing: None does; the error tells where was searched. (With
                another loader than `DispatchingLoader`: `TemplatesNotFound`.)
        """
        try:
            return super().select_template(names, parent, globals)
        except TemplatesNotFound as error:
            wanted = [name for name in error.templates if isinstance(name, str)]
            if not wanted or not isinstance(self.loader, DispatchingLoader):
                raise
            raise self.loader.missing(wanted) from None

    def handle_exception(self, source: str | None = None) -> NoReturn:
        """Raise the present error with the lines of the templates in its traceback.

        An undefined variable gets a note that names the template.
        """
        error = sys.exc_info()[1]
        if isinstance(error, UndefinedError) and not isinstance(error, TemplatingError):
            frames = reversed(list(walk_tb(error.__traceback__)))
            place = template_location(frames).strip()
            if place:
                error.add_note(f"{place[0].upper()}{place[1:]}.")
        super().handle_exception(source)
