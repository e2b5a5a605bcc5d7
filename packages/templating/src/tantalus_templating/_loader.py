"""Find a template in several places, and tell where was looked.

The places are asked for anew at each look-up, so that an app may gain blueprints
after its environment was made. A name is only ever handed to the loaders in the
places; those of Jinja keep `..`, absolute paths and NUL inside their folders. A name
may come from a client, so one of more than `LONGEST_NAME` characters is in no place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    Template,
    TemplateNotFound,
    Undefined,
)

from ._errors import TemplateMissing

# No file system has longer paths of use, and loaders try each name in each folder.
LONGEST_NAME = 1_000

Source: TypeAlias = tuple[str, str | None, Callable[[], bool] | None]
Sources: TypeAlias = Callable[[], Iterable[tuple[str, BaseLoader]]]
# Jinja leaves the type of a global open, as a template may use any object.
Globals: TypeAlias = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One place that was asked for a template.

    Attributes:
        origin: Whose place it is, as the host named it.
        loader: The loader asked.
        place: The loader in words: its folders, or its class.
        found: Whether it has the template.
        path: The file, if it was found and is a file.
    """

    origin: str
    loader: BaseLoader
    place: str
    found: bool
    path: str | None


class DispatchingLoader(BaseLoader):
    """A loader over many loaders, the first that has a template wins.

    Args:
        sources: Called at each look-up; gives `(origin, loader)` in order of search.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def get_source(self, environment: Environment, template: str) -> Source:
        """Return `(source, file, is_up_to_date)` from the first place that has it.

        Raises:
            TemplateMissing: No place has it.
        """
        for _, loader in self._sources_of(template):
            with suppress(TemplateNotFound):
                return loader.get_source(environment, template)
        raise self.missing([template])

    def load(
        self, environment: Environment, name: str, globals: Globals | None = None
    ) -> Template:
        """Return the compiled template, also from loaders of compiled modules.

        Raises:
            TemplateMissing: No place has it.
        """
        loaders = [loader for _, loader in self._sources_of(name)]
        if all(loader.has_source_access for loader in loaders):
            return super().load(environment, name, globals)
        try:
            return ChoiceLoader(loaders).load(environment, name, globals)
        except TemplateNotFound:
            raise self.missing([name]) from None

    def list_templates(self) -> list[str]:
        """Return the names of all templates of all places, sorted, each once.

        Raises:
            TypeError: A loader in one of the places cannot list what it has.
        """
        return sorted(
            {name for _, loader in self._sources() for name in loader.list_templates()}
        )

    def explain(self, environment: Environment, template: str) -> list[Attempt]:
        """Return what each place answers when asked for `template`, in order."""
        return [
            _attempt(environment, template, origin, loader)
            for origin, loader in self._sources_of(template)
        ]

    def missing(self, templates: list[str]) -> TemplateMissing:
        """Return the error to raise when none of `templates` was found.

        Raises:
            jinja2.UndefinedError: The name itself is an undefined variable.
        """
        for name in templates:
            if isinstance(name, Undefined):
                name._fail_with_undefined_error()
        searched = [
            f"{describe(loader)} ({origin})" for origin, loader in self._sources()
        ]
        return TemplateMissing(templates, searched, self._listable_templates)

    def _sources_of(self, template: str) -> Iterable[tuple[str, BaseLoader]]:
        return self._sources() if len(template) <= LONGEST_NAME else ()

    def _listable_templates(self) -> Iterator[str]:
        for _, loader in self._sources():
            # A loader around a function cannot know its names.
            with suppress(TypeError):
                yield from loader.list_templates()


def describe(loader: BaseLoader) -> str:
    """Return where `loader` looks, in words for people."""
    if isinstance(loader, FileSystemLoader):
        return ", ".join(f"folder {folder!r}" for folder in loader.searchpath)
    if isinstance(loader, PackageLoader):
        return f"folder {loader.package_path!r} of package {loader.package_name!r}"
    if isinstance(loader, ChoiceLoader):
        return ", ".join(map(describe, loader.loaders))
    return type(loader).__name__


def report(template: str, attempts: Iterable[Attempt]) -> str:
    """Return a text for a log that tells which places were asked and which had it."""
    attempts = list(attempts)
    lines = [f"Template {template!r} was looked up in:"]
    for number, attempt in enumerate(attempts, 1):
        answer = f"found ({attempt.path or 'no file'})" if attempt.found else "no match"
        place = f"{attempt.origin}, {attempt.place}"
        lines.append(f"{number:5}: trying loader of {place} -> {answer}")
    lines.append(_verdict(sum(attempt.found for attempt in attempts)))
    return "\n".join(lines)


def _verdict(found: int) -> str:
    if found == 0:
        return "Error: the template could not be found. Check its name and the places."
    if found == 1:
        return "Found once."
    return f"Found {found} times: the first is used and hides the others."


def _attempt(
    environment: Environment, template: str, origin: str, loader: BaseLoader
) -> Attempt:
    place = describe(loader)
    try:
        _, path, _ = loader.get_source(environment, template)
    except TemplateNotFound:
        return Attempt(origin, loader, place, found=False, path=None)
    return Attempt(origin, loader, place, found=True, path=path)
