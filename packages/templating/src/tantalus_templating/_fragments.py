"""Render one block of a template, as it would stand in the whole page.

A block sees more than the variables of the render: what its template and the parents
of it set, import and define as macros at the top. So each template gets a *prelude*, a
second compiled form of its source that runs only these statements; output, loops and
other blocks are passed over. Rendering a block runs the preludes from the template to
its outermost parent, collecting the blocks on the way, and then the block, `super()`
included. In the outermost parent the prelude yields where the block stands, and is not
resumed, as a full render has not come to the rest yet. A prelude is compiled once per
template and blocks of that template.

The name of a block may come from a client. So it is looked up among the blocks of the
template and of the parents that its source names before anything is compiled or run,
and nothing is ever kept by a name that the template does not have.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias, cast
from weakref import WeakKeyDictionary

import jinja2
from jinja2 import nodes
from jinja2.runtime import Context

from ._errors import BlockMissing, SourceMissing
from ._processors import Variables

BlockFunction: TypeAlias = Callable[[Context], Iterator[str]]

# The leading underscore keeps the name out of what a template exports.
_PARENT = "_tantalus_parent"
_NAMING = (
    nodes.Assign,
    nodes.AssignBlock,
    nodes.Break,
    nodes.Continue,
    nodes.EvalContextModifier,
    nodes.ExprStmt,
    nodes.FromImport,
    nodes.Import,
    nodes.Macro,
)
_CHANGING = (nodes.ExprStmt, nodes.NSRef)
_SCOPES = (nodes.For, nodes.Scope, nodes.With)


@dataclass(frozen=True, slots=True)
class _Prelude:
    """What runs before a block in one template.

    Attributes:
        root: Runs it; it yields once, where it is to stop, or not at all.
        blocks: The blocks of this template where it stops: those wanted, and all that
            enclose them.
    """

    root: BlockFunction
    blocks: frozenset[str]


# By the blocks wanted, all of them blocks of the template.
_Preludes: TypeAlias = dict[frozenset[str], _Prelude]
_preludes: WeakKeyDictionary[jinja2.Template, _Preludes] = WeakKeyDictionary()

# The parents that a template names in its source; None where it computes one.
_Parents: TypeAlias = tuple[str, ...] | None
_parents: WeakKeyDictionary[jinja2.Template, _Parents] = WeakKeyDictionary()


def render_block(template: jinja2.Template, block: str, context: Variables) -> str:
    """Return the text that `block` has in a full render of `template`.

    A block inside a loop or condition is rendered once, with what `context` has in
    place of the variables of the loop.

    Raises:
        BlockMissing: Neither the template nor a parent has the block.
        SourceMissing: The loader keeps no source.
    """
    environment = template.environment
    if environment.is_async:
        return environment.concat(_run(_pieces_async(template, block, context)))
    try:
        return environment.concat(_pieces(template, block, context))
    except Exception:
        environment.handle_exception()


async def render_block_async(
    template: jinja2.Template, block: str, context: Variables
) -> str:
    """Return what `render_block()` does, also where an event loop is running.

    Raises:
        BlockMissing: Neither the template nor a parent has the block.
        SourceMissing: The loader keeps no source.
    """
    if not template.environment.is_async:
        return render_block(template, block, context)
    pieces = await _pieces_async(template, block, context)
    return template.environment.concat(pieces)


def stream_block(
    template: jinja2.Template, block: str, context: Variables
) -> Iterator[str]:
    """Return the text of `block` piece by piece, each made when it is asked for.

    Raises:
        BlockMissing: Neither the template nor a parent has the block; raised with
            the first piece, as every error of the template.
        SourceMissing: The loader keeps no source.
    """
    environment = template.environment
    if environment.is_async:
        yield from _run(_pieces_async(template, block, context))
        return
    try:
        yield from _pieces(template, block, context)
    except Exception:
        environment.handle_exception()


def _pieces(
    template: jinja2.Template, block: str, variables: Variables
) -> Iterator[str]:
    _refuse_unknown(template, block)
    context = template.new_context(variables)
    for prelude in _prelude_chain(template, block, context):
        next(prelude(context), None)
    yield from _block_function(template, block, context)(context)


async def _pieces_async(
    template: jinja2.Template, block: str, variables: Variables
) -> list[str]:
    try:
        _refuse_unknown(template, block)
        context = template.new_context(variables)
        for prelude in _prelude_chain(template, block, context):
            async with aclosing(_asynchronous(prelude(context))) as stops:
                await anext(stops, None)
        function = _block_function(template, block, context)
        return [piece async for piece in _asynchronous(function(context))]
    except Exception:
        template.environment.handle_exception()


def _asynchronous(pieces: Iterator[str]) -> AsyncGenerator[str, None]:
    # Jinja declares one type for both; asynchronous templates yield asynchronously.
    return cast("AsyncGenerator[str, None]", pieces)


def _run(pieces: Coroutine[object, object, list[str]]) -> list[str]:
    # Costs a tenth of a second to import, and few environments are asynchronous.
    import asyncio  # noqa: PLC0415 - see above

    return asyncio.run(pieces)


def _refuse_unknown(template: jinja2.Template, block: str) -> None:
    """Raise `BlockMissing` for a block that no render of `template` can have.

    A template that computes the name of its parent is given the benefit of the doubt.
    """
    known: set[str] = set()
    names: set[str] = set()
    templates = [template]
    while templates:
        candidate = templates.pop()
        if block in candidate.blocks:
            return
        known.update(candidate.blocks)
        parents = _parents_of(candidate)
        if parents is None:
            return
        for name in set(parents) - names:
            names.add(name)
            try:
                parent = template.environment.get_template(name, candidate.name)
            except jinja2.TemplateNotFound:  # told by the render that comes to it
                return
            templates.append(parent)
    raise BlockMissing(block, template.name, known)


def _parents_of(template: jinja2.Template) -> _Parents:
    if template not in _parents:
        tree = template.environment.parse(_source(template), template.name)
        written = [node.template for node in tree.find_all(nodes.Extends)]
        values = [getattr(name, "value", None) for name in written]
        named = tuple(value for value in values if isinstance(value, str))
        _parents[template] = named if len(named) == len(written) else None
    return _parents[template]


def _prelude_chain(
    template: jinja2.Template, block: str, context: Context
) -> Iterator[BlockFunction]:
    """Yield the prelude of `template` and of each parent, to be run in between.

    A prelude that has run leaves the name of its parent in `context`.
    """
    blocks = frozenset((block,))
    while True:
        prelude = _prelude(template, blocks)
        yield prelude.root
        if _PARENT not in context.vars:
            return
        template = template.environment.get_template(
            context.vars.pop(_PARENT), template.name
        )
        blocks |= prelude.blocks
        for name, function in template.blocks.items():
            context.blocks.setdefault(name, []).append(function)


def _block_function(
    template: jinja2.Template, block: str, context: Context
) -> BlockFunction:
    functions = context.blocks.get(block)
    if functions is None:
        raise BlockMissing(block, template.name, context.blocks)
    return functions[0]


def _prelude(template: jinja2.Template, blocks: frozenset[str]) -> _Prelude:
    # Others say nothing here, and may have been made up by a client.
    own = blocks.intersection(template.blocks)
    preludes = _preludes.setdefault(template, {})
    prelude = preludes.get(own)
    if prelude is None:
        prelude = preludes[own] = _compile_prelude(template, own)
    return prelude


def _compile_prelude(template: jinja2.Template, blocks: frozenset[str]) -> _Prelude:
    environment = template.environment
    tree = environment.parse(_source(template), template.name, template.filename)
    blocks = _enclosing(tree, blocks)
    tree.body = _naming_only(tree.body, blocks)
    tree.set_environment(environment)
    code = environment.compile(tree, template.name, template.filename)
    compiled = jinja2.Template.from_code(environment, code, {})
    return _Prelude(compiled.root_render_func, blocks)


def _source(template: jinja2.Template) -> str:
    kept: str | None = getattr(template, "source", None)
    if kept is not None:
        return kept
    loader = template.environment.loader
    if loader is None or template.name is None or not loader.has_source_access:
        raise SourceMissing(template.name)
    return loader.get_source(template.environment, template.name)[0]


def _enclosing(tree: nodes.Template, blocks: frozenset[str]) -> frozenset[str]:
    outer = tree.find_all(nodes.Block)
    return frozenset(block.name for block in outer if _has_block(block, blocks))


def _naming_only(body: list[nodes.Node], stops: frozenset[str]) -> list[nodes.Node]:
    return [_in_prelude(node, stops) for node in body]


def _in_prelude(node: nodes.Node, stops: frozenset[str]) -> nodes.Node:
    """Return what stands for `node` in a prelude; may change `node`."""
    if isinstance(node, _NAMING):
        return node
    if isinstance(node, nodes.Extends):
        target = nodes.Name(_PARENT, "store", lineno=node.lineno)
        return nodes.Assign(target, node.template, lineno=node.lineno)
    if isinstance(node, nodes.If):
        for branch in (node, *node.elif_):
            branch.body = _naming_only(branch.body, stops)
        node.else_ = _naming_only(node.else_, stops)
        return node
    if _has_block(node, stops):
        return _stop(node.lineno)
    # In a scope of its own, only what changes an object has an effect outside.
    if isinstance(node, _SCOPES) and any(node.find(kind) for kind in _CHANGING):
        node.body = _naming_only(node.body, frozenset())
        return node
    # Not left out: which names Jinja looks up at the start depends on all statements.
    return nodes.If(nodes.Const(False), [node], [], [], lineno=node.lineno)


def _stop(line: int) -> nodes.If:
    """Return a statement that yields, unless the page has extended another by then.

    A page that extends another shows no block itself, so its prelude runs to the end.
    """
    parent = nodes.Name(_PARENT, "load")
    alone = nodes.Test(parent, "undefined", [], [], None, None)
    output = nodes.Output([nodes.TemplateData("")])
    return nodes.If(alone, [output], [], [], lineno=line)


def _has_block(node: nodes.Node, names: frozenset[str]) -> bool:
    if isinstance(node, nodes.Block) and node.name in names:
        return True
    return any(inner.name in names for inner in node.find_all(nodes.Block))
