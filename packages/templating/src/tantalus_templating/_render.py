"""Render a template: the variables come together once, in one plain dict.

Jinja keeps the globals of a template as a chain of two maps, the template's own and
the environment's, and flattens it name by name for each render and each include.
`Template` copies the maps whole instead. What wins stays as it is in Jinja: the
variables of the render, then the template's globals, then the environment's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import jinja2
from jinja2.runtime import Context
from jinja2.utils import missing

from ._errors import NotAMapping, describe_function
from ._globals import GlobalsChain

# A template may use any object, so the values of its variables have no type.
Variables: TypeAlias = dict[str, Any]
Processor: TypeAlias = Callable[[], Mapping[str, Any]]


def render(template: jinja2.Template, context: Variables) -> str:
    """Return the text of `template` with the variables in `context`."""
    return template.render(context)


def stream(template: jinja2.Template, context: Variables) -> Iterator[str]:
    """Return the text of `template` piece by piece, each made when it is asked for.

    An error in the template comes out of the iterator where it happens, after the
    pieces before it were given.
    """
    return template.generate(context)


def apply_processors(context: Variables, processors: Iterable[Processor]) -> None:
    """Add to `context` what each processor returns; what is there already wins.

    Of two processors that give the same name, the later wins.

    Raises:
        NotAMapping: A processor returned no mapping.
    """
    given: Variables | None = None
    for processor in processors:
        if given is None:
            given = context.copy()
        context.update(_call(processor))
    if given:
        context.update(given)


def _call(processor: Processor) -> Mapping[str, Any]:
    try:
        values = processor()
    except Exception as error:
        error.add_note(f"Raised by context processor {describe_function(processor)}.")
        raise
    if not isinstance(values, Mapping):
        raise NotAMapping(describe_function(processor), values)
    return values


class Template(jinja2.Template):
    """A compiled template that makes its context without walking a chain of maps.

    Attributes:
        source: The text it was made of, if it was made of a string.
    """

    source: str | None = None

    def new_context(
        self,
        vars: Variables | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> Context:
        """Return the context of one render, include or import of this template.

        Args:
            vars: The variables of the render.
            shared: Whether `vars` already holds the globals and is used as it is.
            locals: Variables of the surrounding template that win over `vars`.
        """
        chain = self.globals
        if type(chain) is not GlobalsChain:
            return super().new_context(vars, shared, locals)
        known = chain.flattened()
        parent = (vars or {}) if shared else {**known, **(vars or {})}
        if locals:
            parent = {**parent, **_present(locals)}
        return self.environment.context_class(
            self.environment, parent, self.name, self.blocks, globals=known
        )


def _present(locals: Mapping[str, Any]) -> Variables:
    return {name: value for name, value in locals.items() if value is not missing}
