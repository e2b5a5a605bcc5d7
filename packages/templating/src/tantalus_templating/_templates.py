"""Templates for a program of any kind: a folder in, text out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, overload

import jinja2
from jinja2 import BaseLoader, FileSystemLoader

from ._environment import Environment, JinjaOption, autoescape_safe
from ._errors import FolderMissing
from ._fragments import render_block, stream_block
from ._loader import DispatchingLoader
from ._registration import F, function_name, registration
from ._render import Processor, Variables, apply_processors, render, stream

Folder: TypeAlias = str | os.PathLike[str]
Place: TypeAlias = Folder | BaseLoader
Name: TypeAlias = str | jinja2.Template | list[str | jinja2.Template]
# The variables of a template may be anything.
Variable: TypeAlias = Any


class Templates:
    """The templates of one program, in one or several places.

    Set-up: the constructor, and the decorators `context_processor` and
    `template_filter`, `template_test`, `template_global`. Rendering is safe from
    several threads once set-up is over.

    Args:
        places: A folder, a Jinja loader, or a sequence of these in order of search.
            A relative folder is looked up from the current directory.
        autoescape: Whether to escape, or a function from a template's name to that.
        globals: Variables that every template sees; copied.
        jinja_options: Any option of `jinja2.Environment`.

    Raises:
        FolderMissing: A folder does not exist.
        TypeError: `places` is neither a folder nor a loader nor a sequence.
    """

    def __init__(
        self,
        places: Place | Sequence[Place],
        *,
        autoescape: bool | Callable[[str | None], bool] = autoescape_safe,
        globals: Mapping[str, Variable] | None = None,
        **jinja_options: JinjaOption,
    ) -> None:
        sources = _sources(places)
        self.environment: Environment = Environment(
            loader=DispatchingLoader(lambda: sources),
            autoescape=autoescape,
            **jinja_options,
        )
        self.environment.globals.update(globals or {})
        self._processors: list[Processor] = []

    def context_processor(self, function: F) -> F:
        """Have the mapping that `function` returns at each render as variables too.

        Raises:
            UnnamedFunction: It cannot be called.
        """
        function_name(function, "a context processor")
        self._processors.append(function)
        return function

    @overload
    def template_filter(self, name: F) -> F: ...

    @overload
    def template_filter(self, name: str | None = None) -> Callable[[F], F]: ...

    def template_filter(self, name: F | str | None = None) -> F | Callable[[F], F]:
        """Make a function a filter, under its own name or the one given.

        Raises:
            UnnamedFunction: It has no name and none was given.
        """
        return registration(self._add_filter, name)

    @overload
    def template_test(self, name: F) -> F: ...

    @overload
    def template_test(self, name: str | None = None) -> Callable[[F], F]: ...

    def template_test(self, name: F | str | None = None) -> F | Callable[[F], F]:
        """Make a function a test (`is ...`), under its own name or the one given.

        Raises:
            UnnamedFunction: It has no name and none was given.
        """
        return registration(self._add_test, name)

    @overload
    def template_global(self, name: F) -> F: ...

    @overload
    def template_global(self, name: str | None = None) -> Callable[[F], F]: ...

    def template_global(self, name: F | str | None = None) -> F | Callable[[F], F]:
        """Make a function callable in templates, under its own name or the one given.

        Raises:
            UnnamedFunction: It has no name and none was given.
        """
        return registration(self._add_global, name)

    def render(self, name: Name, /, **variables: Variable) -> str:
        """Return the text of a template.

        Args:
            name: A name, a template, or several of these: the first that exists.

        Raises:
            TemplateMissing: No place has it.
        """
        return render(self._template(name), self._context(variables))

    def render_string(self, source: str, /, **variables: Variable) -> str:
        """Return the text of the template written in `source`."""
        return render(self._from_string(source), self._context(variables))

    def render_block(self, name: Name, block: str, /, **variables: Variable) -> str:
        """Return the text of one block of a template, as it is in the whole page.

        Raises:
            BlockMissing: Neither the template nor a parent has the block.
            SourceMissing: The template's loader keeps no source.
            TemplateMissing: No place has it.
        """
        return render_block(self._template(name), block, self._context(variables))

    def stream(self, name: Name, /, **variables: Variable) -> Iterator[str]:
        """Return the text of a template piece by piece.

        The template is found and the context processors run now, the rest when the
        pieces are asked for.

        Raises:
            TemplateMissing: No place has it.
        """
        return stream(self._template(name), self._context(variables))

    def stream_string(self, source: str, /, **variables: Variable) -> Iterator[str]:
        """Return the text of the template written in `source` piece by piece."""
        return stream(self._from_string(source), self._context(variables))

    def stream_block(
        self, name: Name, block: str, /, **variables: Variable
    ) -> Iterator[str]:
        """Return the text of one block of a template piece by piece.

        Raises:
            TemplateMissing: No place has it.
        """
        return stream_block(self._template(name), block, self._context(variables))

    def _template(self, name: Name) -> jinja2.Template:
        return self.environment.get_or_select_template(name)

    def _from_string(self, source: str) -> jinja2.Template:
        return self.environment.from_string(source)

    def _context(self, variables: Variables) -> Variables:
        apply_processors(variables, self._processors)
        return variables

    def _add_filter(self, function: Callable[..., Any], name: str | None) -> None:
        self.environment.filters[function_name(function, name)] = function

    def _add_test(self, function: Callable[..., Any], name: str | None) -> None:
        self.environment.tests[function_name(function, name)] = function

    def _add_global(self, function: Callable[..., Any], name: str | None) -> None:
        self.environment.globals[function_name(function, name)] = function


def _sources(places: Place | Sequence[Place]) -> list[tuple[str, BaseLoader]]:
    if isinstance(places, (str, os.PathLike, BaseLoader)):
        places = [places]
    if not isinstance(places, Sequence) or isinstance(places, bytes):
        raise TypeError(
            f"Templates({places!r}) names no place of templates. Pass a folder, a Jinja"
            " loader, or a list of them; for templates in a dict, a DictLoader."
        )
    return [
        (f"place {number}", _loader(place)) for number, place in enumerate(places, 1)
    ]


def _loader(place: Place) -> BaseLoader:
    if isinstance(place, BaseLoader):
        return place
    folder = os.path.abspath(place)
    if not os.path.isdir(folder):
        raise FolderMissing(folder)
    return FileSystemLoader(folder)
