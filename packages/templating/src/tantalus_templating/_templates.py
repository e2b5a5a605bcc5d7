"""Templates for a program of any kind: a folder in, text out."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias, overload

import jinja2
from jinja2 import BaseLoader, FileSystemLoader

from ._environment import Environment, JinjaOption, autoescape_safe
from ._errors import FolderMissing
from ._fragments import render_block, render_block_async, stream_block
from ._loader import DispatchingLoader
from ._processors import (
    AnyProcessor,
    Variables,
    apply_processors,
    apply_processors_async,
)
from ._registration import F, function_name, registration
from ._render import Template, render, render_async, stream, stream_async

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

    def context_processor(self, function: F) -> F:
        """Have the mapping that `function` returns at each render as variables too.

        A coroutine function is awaited by the renders that can wait.

        Raises:
            UnnamedFunction: It cannot be called.
        """
        return self.environment.context_processor(function)

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
        template = self._template(name)
        return render(template, self._context(template, variables))

    def render_string(self, source: str, /, **variables: Variable) -> str:
        """Return the text of the template written in `source`."""
        template = self._from_string(source)
        return render(template, self._context(template, variables))

    def render_block(self, name: Name, block: str, /, **variables: Variable) -> str:
        """Return the text of one block of a template, as it is in the whole page.

        Raises:
            BlockMissing: Neither the template nor a parent has the block.
            SourceMissing: The template's loader keeps no source.
            TemplateMissing: No place has it.
        """
        apply_processors(variables, self.environment.context_processors)
        return render_block(self._template(name), block, variables)

    def stream(self, name: Name, /, **variables: Variable) -> Iterator[str]:
        """Return the text of a template piece by piece.

        The template is found and the context processors run now, the rest when the
        pieces are asked for.

        Raises:
            TemplateMissing: No place has it.
        """
        template = self._template(name)
        return stream(template, self._context(template, variables))

    def stream_string(self, source: str, /, **variables: Variable) -> Iterator[str]:
        """Return the text of the template written in `source` piece by piece."""
        template = self._from_string(source)
        return stream(template, self._context(template, variables))

    def stream_block(
        self, name: Name, block: str, /, **variables: Variable
    ) -> Iterator[str]:
        """Return the text of one block of a template piece by piece.

        Raises:
            TemplateMissing: No place has it.
        """
        apply_processors(variables, self.environment.context_processors)
        return stream_block(self._template(name), block, variables)

    async def render_async(self, name: Name, /, **variables: Variable) -> str:
        """Return the text of a template, once the context processors were awaited.

        Raises:
            TemplateMissing: No place has it.
        """
        return await self._render_async(self._template(name), variables)

    async def render_string_async(self, source: str, /, **variables: Variable) -> str:
        """Return the text of the template in `source`; else as `render_async()`."""
        return await self._render_async(self._from_string(source), variables)

    async def render_block_async(
        self, name: Name, block: str, /, **variables: Variable
    ) -> str:
        """Return the text of one block, once the context processors were awaited.

        Raises:
            BlockMissing: Neither the template nor a parent has the block.
            SourceMissing: The template's loader keeps no source.
            TemplateMissing: No place has it.
        """
        processors = self.environment.context_processors
        await apply_processors_async(variables, processors)
        return await render_block_async(self._template(name), block, variables)

    def stream_async(
        self, name: Name, /, **variables: Variable
    ) -> AsyncGenerator[str, None]:
        """Return the text of a template piece by piece, for `async for`.

        The template is found now; the context processors are awaited with the first
        piece.

        Raises:
            TemplateMissing: No place has it.
        """
        return self._stream_async(self._template(name), variables)

    async def _render_async(
        self, template: jinja2.Template, variables: Variables
    ) -> str:
        await apply_processors_async(variables, self._unasked(template))
        return await render_async(template, variables)

    async def _stream_async(
        self, template: jinja2.Template, variables: Variables
    ) -> AsyncGenerator[str, None]:
        await apply_processors_async(variables, self._unasked(template))
        async with aclosing(stream_async(template, variables)) as pieces:
            async for piece in pieces:
                yield piece

    def _template(self, name: Name) -> jinja2.Template:
        return self.environment.get_or_select_template(name)

    def _from_string(self, source: str) -> jinja2.Template:
        return self.environment.from_string(source)

    def _context(self, template: jinja2.Template, variables: Variables) -> Variables:
        apply_processors(variables, self._unasked(template))
        return variables

    def _unasked(self, template: jinja2.Template) -> Sequence[AnyProcessor]:
        """Return the processors that a template does not ask itself."""
        environment = self.environment
        if template.environment is environment and isinstance(template, Template):
            return ()
        return environment.context_processors

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
