"""Render a template: the variables come together once, in one plain dict.

Jinja keeps the globals of a template as a chain of two maps, the template's own and
the environment's, and flattens it name by name for each render and each include.
`Template` copies the maps whole instead. What wins stays as it is in Jinja: the
variables of the render, then the template's globals, then the environment's.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from types import coroutine
from typing import Any

import jinja2
from jinja2.runtime import Context
from jinja2.utils import missing

from ._globals import GlobalsChain
from ._processors import (
    AnyProcessor,
    Variables,
    apply_processors,
    apply_processors_async,
)

# How many pieces are given before others on the event loop get a turn.
_TURN = 100


def render(template: jinja2.Template, context: Variables) -> str:
    """Return the text of `template` with the variables in `context`."""
    return template.render(context)


def stream(template: jinja2.Template, context: Variables) -> Iterator[str]:
    """Return the text of `template` piece by piece, each made when it is asked for.

    An error in the template comes out of the iterator where it happens, after the
    pieces before it were given.
    """
    return template.generate(context)


async def render_async(template: jinja2.Template, context: Variables) -> str:
    """Return the text of `template`, awaiting what the environment's processors do.

    The render itself is one go, as `render()`, unless the environment has
    `enable_async`.
    """
    if _awaits(template):
        return await template.render_async(context)
    return template.render(context)


async def stream_async(
    template: jinja2.Template, context: Variables
) -> AsyncGenerator[str, None]:
    """Give the text of `template` piece by piece, for `async for`.

    The processors of the environment are awaited with the first piece. After each
    hundred pieces, others on the event loop get a turn.
    """
    if _awaits(template):
        pieces = template.generate_async(context)
    else:
        pieces = _in_turns(template.generate(context))
    async with aclosing(pieces):
        async for piece in pieces:
            yield piece


def _awaits(template: jinja2.Template) -> bool:
    return isinstance(template, Template) or template.environment.is_async


async def _in_turns(pieces: Iterator[str]) -> AsyncGenerator[str, object]:
    for number, piece in enumerate(pieces, 1):
        yield piece
        if number % _TURN == 0:
            await _others_turn()


@coroutine
def _others_turn() -> Generator[None, None, None]:
    # What `asyncio.sleep(0)` does; asyncio takes long to import.
    yield


class Template(jinja2.Template):
    """A compiled template that makes its context without walking a chain of maps.

    Attributes:
        source: The text it was made of, if it was made of a string.
    """

    source: str | None = None

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Return the text; arguments as those of `dict`.

        The context processors of the environment add their variables.
        """
        environment = self.environment
        if environment.is_async:
            return super().render(*args, **kwargs)
        variables = dict(*args, **kwargs)
        processors = self._processors()
        if processors:
            apply_processors(variables, processors)
        context = self.new_context(variables)
        try:
            return environment.concat(self.root_render_func(context))
        except Exception:
            environment.handle_exception()

    def generate(self, *args: Any, **kwargs: Any) -> Iterator[str]:
        """Return the text piece by piece; arguments and processors as `render()`.

        The processors run now, the rest when the pieces are asked for.
        """
        if self.environment.is_async:
            return super().generate(*args, **kwargs)
        variables = dict(*args, **kwargs)
        apply_processors(variables, self._processors())
        return super().generate(variables)

    async def render_async(self, *args: Any, **kwargs: Any) -> str:
        """Return the text as `render()` does, once all processors were awaited."""
        variables = dict(*args, **kwargs)
        await apply_processors_async(variables, self._processors())
        if self.environment.is_async:
            return await super().render_async(variables)
        return super().render(variables)

    async def generate_async(
        self, *args: Any, **kwargs: Any
    ) -> AsyncGenerator[str, object]:
        """Give the text piece by piece, once all processors were awaited."""
        variables = dict(*args, **kwargs)
        await apply_processors_async(variables, self._processors())
        if self.environment.is_async:
            pieces = super().generate_async(variables)
        else:
            pieces = _in_turns(super().generate(variables))
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    def _processors(self) -> Sequence[AnyProcessor]:
        # Of an environment that is not ours there are none.
        return getattr(self.environment, "context_processors", ())

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
