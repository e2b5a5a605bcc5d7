"""What this package raises, each class also the built-in or Jinja error it refines.

TemplatingError
├── TemplateMissing    a jinja2.TemplatesNotFound: no folder has the template
├── FolderMissing      a FileNotFoundError: a template folder that is not there
├── BlockMissing       a LookupError: the template has no such block
├── SourceMissing      a RuntimeError: a block is wanted, the source is not at hand
├── NotAMapping        a TypeError: a context processor returned something else
├── UnnamedFunction    a TypeError: a filter, test or global without a name
└── UndefinedVariable  a jinja2.UndefinedError: only with StrictUndefined
"""

from __future__ import annotations

import copyreg
import difflib
import posixpath
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from traceback import walk_stack
from types import FrameType
from typing import TypeAlias

from jinja2 import TemplatesNotFound, UndefinedError

# Letters of a name that are compared with others, and shown.
_COMPARED = 100
# From 0 to 1, as `difflib` counts: one letter of five may differ.
_CLOSE = 0.75

# What an error keeps, by the name of the attribute.
State: TypeAlias = dict[str, object]


class TemplatingError(Exception):
    """The base of every error class of this package."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[type], State]:
        # By its text and attributes, so that it passes from a process to another:
        # exceptions are otherwise made anew by calling the class with the text.
        state = {**vars(self), "args": self.args}
        return copyreg.__newobj__, (type(self),), state  # type: ignore[attr-defined] # what `object.__reduce_ex__(2)` returns


class TemplateMissing(TemplatingError, TemplatesNotFound):
    """None of the templates asked for exists in any of the places searched.

    The text is made when it is read, for it lists all templates to find the nearest
    name, and an optional include that is missing should cost nothing.

    Attributes:
        name: The last name asked for.
        templates: All names asked for, in order, at least one.
        searched: What was searched, in order, in words.
    """

    def __init__(
        self,
        templates: Sequence[str],
        searched: Sequence[str],
        list_templates: Callable[[], Iterable[str]],
    ) -> None:
        super().__init__(templates, templates[-1])
        self.searched: tuple[str, ...] = tuple(searched)
        self._first = templates[0]
        self._list_templates = list_templates

    def __reduce__(self) -> tuple[Callable[..., object], tuple[type], State]:
        # The loader stays here; what its templates are called goes along.
        make, arguments, state = super().__reduce__()
        names = tuple(self._list_templates())
        return make, arguments, {**state, "_list_templates": partial(tuple, names)}

    def __str__(self) -> str:
        hint = did_you_mean(self._first, self._list_templates())
        wanted = " or ".join(_shown(name) for name in self.templates)
        places = "; ".join(self.searched) or "nowhere, as no template folder is set"
        return f"Template {wanted} does not exist. Searched in order: {places}.{hint}"


class FolderMissing(TemplatingError, FileNotFoundError):
    """A template folder does not exist when the templates are set up."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"Template folder {folder!r} does not exist. "
            "Create it, or pass the folder that holds the templates."
        )
        self.folder = folder


class BlockMissing(TemplatingError, LookupError):
    """Neither the template nor one of its parents has the block."""

    def __init__(self, block: str, template: str | None, known: Iterable[str]) -> None:
        names = sorted(known)
        listed = ", ".join(map(repr, names)) or "none"
        super().__init__(
            f"Block {_shown(block)} is not in template {template or '<string>'!r} or "
            f"its parents. The blocks there: {listed}.{did_you_mean(block, names)}"
        )
        self.block = block
        self.template = template


class SourceMissing(TemplatingError, RuntimeError):
    """A block was asked for of a template whose loader keeps no source."""

    def __init__(self, template: str | None) -> None:
        super().__init__(
            f"Template {template or '<string>'!r} has no source at hand, which "
            "rendering a block reads. Load it from files instead of compiled modules."
        )
        self.template = template


class NotAMapping(TemplatingError, TypeError):
    """A context processor returned something that is not a mapping."""

    def __init__(self, processor: str, returned: object) -> None:
        super().__init__(
            f"Context processor {processor} returned {type(returned).__name__}, not a "
            "mapping of names to values. Return a dict, empty if there is nothing."
        )
        self.processor = processor


class NotAwaited(TemplatingError, TypeError):
    """A context processor that has to be awaited met a render that cannot wait."""

    def __init__(self, processor: str) -> None:
        super().__init__(
            f"Context processor {processor} has to be awaited, and this render cannot "
            "wait. Await render_async() or iterate over stream_async(), or pass what "
            "it gives as variables."
        )
        self.processor = processor


class UnnamedFunction(TemplatingError, TypeError):
    """A filter, test or global is not a function, or has no name to go by."""

    def __init__(self, function: object) -> None:
        super().__init__(
            f"{describe_function(function)} cannot be registered for templates: it is "
            "not a function with a name. Pass a callable, and name=... if it has none."
        )


class UndefinedVariable(TemplatingError, UndefinedError):
    """A template used a variable that nobody gave it."""

    def __init__(self, message: str) -> None:
        place = template_location(walk_stack(sys._getframe()))
        super().__init__(
            f"{message.rstrip('.')}{place}. Pass it to the render, add it to the "
            "globals, or give it a default in the template."
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence naming the entry of `known` nearest to `name`, or nothing.

    Only what is close enough to be a slip is named: an ending that both have, as
    `.html`, does not make two names alike. Names may come from clients, and comparing
    takes the square of their length, so long ones are not compared.
    """
    if len(name) > _COMPARED:
        return ""
    stem, extension = posixpath.splitext(name)
    stems = {
        posixpath.splitext(entry)[0]: entry
        for entry in known
        if entry.endswith(extension)
    }
    nearest = difflib.get_close_matches(stem, stems, n=1, cutoff=_CLOSE)
    return f" Did you mean {stems[nearest[0]]!r}?" if nearest else ""


def describe_function(value: object) -> str:
    """Return how messages call a function: where it is defined, no address."""
    if isinstance(value, partial):
        return f"partial of {describe_function(value.func)}"
    code = getattr(value, "__code__", None)
    name = getattr(value, "__qualname__", None)
    if name is None:
        # What shows its address has nothing else to show.
        text = repr(value)
        return f"object of {type(value).__qualname__!r}" if " at 0x" in text else text
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else str(name)


def _shown(name: object) -> str:
    text = str(name)
    return repr(text if len(text) <= _COMPARED else f"{text[:_COMPARED]}…")


def template_location(frames: Iterable[tuple[FrameType, int]]) -> str:
    """Return ` in template 'x', line n` for the first frame of a template.

    Args:
        frames: Pairs of frame and line, as `traceback.walk_stack` yields them.
    """
    for frame, line in frames:
        # Where Jinja's own traceback rewriting looks; absent, we just don't say.
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            number = template.get_corresponding_lineno(line)
            return f" in template {template.name or '<string>'!r}, line {number}"
    return ""
