"""Views bound alike: by the same codecs, given types, answers and overrides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from ._answer import (
    AS_IS,
    Answering,
    Respond,
    answering,
    answering_empty,
    checking,
    checking_step,
    codec_of_return,
    triple,
)
from ._bound import Bound, PathNames
from ._closing import Closing
from ._codec import Codec, default_codecs
from ._errors import SetupError
from ._explain import explainer
from ._once import Itself, Once, key_of
from ._plan import Plan, says_source
from ._reader import Reader
from ._reading import Provide
from ._shared import Shared
from ._signature import MISSING, Function, name_of
from ._steps import Leaf, Step
from ._write import Hop, Writer, Written

OWN = ("provided", "default", "given")  # places that clients have no part in
WITH_BODY = frozenset({"body", "form", "file", "json"})


class Binder:
    """Binds views, and knows all that it has bound.

    Args:
        respond: Makes a response of (body, status, headers), for views whose return
            annotation is encoded; by default a tuple of these.
        provide: Reads a value of a type from a request, for parameters of the type or
            a subclass: `{Request: lambda request: request}`.
        codecs: Libraries of models, the first that handles a type reads it. By default
            msgspec, and pydantic where it is loaded.
        as_is: Types of returned values that are left to the host.
        bare: Whether scalars that nothing marks are read from the query.
        check: Whether results are compared with their annotations, of views and of
            dependencies: for tests and development.
        outside: Those of `provide` that are there without a request, and are called
            with None, for `call()`.
        hop: For async views: `hop(request, call)` is awaited, and makes a call of plain
            dependencies elsewhere, in a thread; all that follow each other in one.
            Without it they are called where the view runs.
        stays: Tells of a plain dependency whether it never waits, and needs no hop.
        closing: `closing(request)` returns a `Closing` that the host closes later; by
            default generators are closed when the response is made.
    """

    def __init__(
        self,
        *,
        respond: Respond = triple,
        provide: Provide | None = None,
        codecs: Sequence[Codec] | None = None,
        as_is: Collection[type] = AS_IS,
        bare: bool = True,
        check: bool = False,
        outside: Provide | None = None,
        hop: Hop | None = None,
        stays: Callable[[Function], bool] | None = None,
        closing: Callable[[Any], Closing] | None = None,
    ) -> None:
        self._respond = respond
        self._provide = dict(provide or {})
        self._codecs = codecs
        self._as_is = tuple(as_is)
        self._bare = bare
        self._check = check
        self._outside = dict(outside or {})
        self._closing = closing
        self._hop = hop
        self._stays = stays or _never
        self._bound: list[Bound] = []
        self._replaced: dict[Function, Function] = {}
        self._uses: dict[type, tuple[Function, ...]] = {}
        self._instead: dict[Function, Function] = {}
        self._known = Once()
        self._shared = Shared(())

    def share(
        self, functions: Mapping[Function, Function], kinds: Mapping[Function, type]
    ) -> None:
        """Know of dependencies that the host has called already, as pools are opened.

        Counts for what is bound from now on; once more, in place of before.

        Args:
            functions: By the function that stands in `Use`, what gives its result
                whenever that is wanted.
            kinds: Of some, the class of the result. Parameters of that class use it
                without a mark; where two give the same, that is a SetupError.
        """
        self._instead = dict(functions)
        self._uses = {}
        self._known = Once()
        for function, kind in kinds.items():
            self._uses[kind] = (*self._uses.get(kind, ()), function)

    def reads(
        self,
        view: Function,
        *,
        path: PathNames = None,
        given: Collection[str] = (),
        marked: bool = False,
    ) -> bool:
        """Tell whether a signature says by itself that it is read from requests.

        It does with a mark, and with a type that is a body or that is provided where
        there is neither a default nor a variable of the rule.

        Args:
            view: A function, method, partial or class.
            path: Variables of its rule.
            given: Parameters that whoever calls it gives.
            marked: Whether only marks count.
        """
        filled = {*(path or ()), *given}
        return says_source(view, filled, self._provide, self._uses, marked=marked)

    def bind(
        self,
        view: Function,
        *,
        path: PathNames = None,
        bare: bool | None = None,
        given: Collection[str] = (),
    ) -> Bound:
        """Read the signature of a view, and write out how it is called.

        Args:
            view: A function, method, partial or class.
            path: Variables of its rule; with types, if the router converts them:
                `object` for what is a class of the host.
            bare: As that of the binder, for this view.
            given: Parameters that are passed beside the variables of the rule, as the
                `self` of a method is.

        Raises:
            SetupError: A request cannot be read into it; names what, and the cure.
        """
        bound = Bound(path, self._bare if bare is None else bare, given)
        self._fill(bound, view)
        self._bound.append(bound)
        return bound

    def _fill(self, bound: Bound, view: Function) -> None:
        bound.codecs = default_codecs() if self._codecs is None else self._codecs
        plan = bound.plan = Plan.of(
            view,
            path=bound.path,
            provide=self._provide,
            bare=bound.bare,
            replace=self._instead | self._replaced,
            given=bound.given,
            uses=self._uses,
            known=None if self._replaced else self._known,
        )
        shared = self._shared_by(bound.codecs)
        codec, answering = self._finish(plan, shared)
        check = checking(codec, plan) if codec and self._check else None
        bound.reads_body = any(leaf.place in WITH_BODY for leaf in plan.leaves)

        def write() -> Written:
            readers = {
                leaf: shared.reader(leaf, plan)
                for leaf in plan.leaves
                if leaf.place not in OWN
            }
            closing, hop = self._closing, self._hop
            return self._write(plan, readers, check, answering, closing, hop)

        if self._check:  # what checks a view tells its name
            written = write()
        else:
            alike = plan.taken, plan.steps[-1].kind, _key_of(answering)
            written = shared.written.of(alike, write)
        bound.call, bound.source = written.of(plan.steps[-1].function), written.source

    def _shared_by(self, codecs: Sequence[Codec]) -> Shared:
        """Return what views share; of those for a test nothing is kept."""
        if self._replaced:
            return Shared(codecs)
        if self._shared.codecs != codecs:  # pydantic was loaded in between
            self._shared = Shared(codecs)
        return self._shared

    def _finish(
        self, plan: Plan, shared: Shared
    ) -> tuple[Codec | None, Answering | None]:
        """Return what encodes a result, and how it becomes a response."""

        def make() -> tuple[Codec | None, Answering | None]:
            codec = codec_of_return(plan, shared.codecs, self._as_is)
            if codec is not None:
                return codec, answering(codec, plan, self._respond)
            said = plan.status is not None
            return None, answering_empty(plan, self._respond) if said else None

        return shared.answers.of((plan.status, key_of(plan.returns)), make)

    def _write(
        self,
        plan: Plan,
        readers: Mapping[Leaf, Reader],
        check: Callable[[Any], Any] | None,
        answering: Answering | None,
        closing: Callable[[Any], Closing] | None,
        hop: Hop | None = None,
    ) -> Written:
        return Writer(
            plan,
            readers,
            explainer([*readers.values()]),
            check=check,
            answering=answering,
            closing=closing or (_own_closing if hop is None else _hopping(hop)),
            closes=closing is None,
            checks=checking_step if self._check else _unchecked,
            hop=hop,
            stays=self._stays,
        ).write()

    @contextmanager
    def overriding(self, replacements: Mapping[Function, Function]) -> Iterator[None]:
        """Let other functions stand for dependencies, in all views that are bound.

        Args:
            replacements: By the function that stands in `Use`.

        Raises:
            SetupError: No view uses one of them, so nothing would be replaced.
        """
        used = {id(one): self._used_by(one) for one in self._bound}
        for function in replacements:
            if not any(function in functions for functions in used.values()):
                raise SetupError(
                    f"No view uses {name_of(function)}, so it cannot be overridden."
                    " Override the function that stands in Use(...)."
                )
        before = self._replaced
        kept = {
            one: (one.plan, one.call, one.source, one.reads_body) for one in self._bound
        }
        self._replaced = {**before, **replacements}
        try:
            for one in self._bound:
                if any(function in used[id(one)] for function in replacements):
                    self._fill(one, one.plan.view)
            yield
        finally:
            self._replaced = before
            for one in self._bound:
                if one in kept:
                    one.plan, one.call, one.source, one.reads_body = kept[one]
                else:  # bound in between
                    self._fill(one, one.plan.view)

    def _used_by(self, bound: Bound) -> list[Function]:
        """Return the functions that stand in `Use`, whatever is called for them."""
        called = bound.plan.functions
        shared = [one for one, other in self._instead.items() if other in called]
        return [*called, *shared]

    def call(self, function: Function, /, **given: Any) -> Any:
        """Call a function with its dependencies, outside of a request.

        Its signature is read at each call.

        Args:
            function: With a signature as a view's.
            given: By name: parameters of the function, also those that a dependency
                would fill; and all that its dependencies want of a request.

        Returns:
            What the function returns; a coroutine if something in it is async.

        Raises:
            TypeError: A name is missing, or nothing wants it.
        """
        return self.caller(function, **given)()

    def caller(self, function: Function, /, **given: Any) -> Callable[[], Any]:
        """Return what makes that call: a coroutine function if it is to be awaited.

        Raises:
            TypeError: A name is missing, or nothing wants it.
        """
        plan = Plan.of(
            function,
            provide=self._outside,
            replace=self._instead | self._replaced,
            given=given,
            outside=True,
            uses=self._uses,
        )
        call = self._write(plan, {}, None, None, None).of(plan.steps[-1].function)
        return partial(call, None, _arguments(plan, given))


def _arguments(plan: Plan, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for all that a plan wants, by the names of parameters."""
    name = name_of(plan.view)
    wanted = {leaf.name: leaf for leaf in plan.leaves if leaf.place == "given"}
    unknown = sorted(given.keys() - wanted.keys())
    if unknown:
        raise TypeError(
            f"{name} and its dependencies take no {', '.join(map(repr, unknown))}. They"
            f" take {', '.join(map(repr, wanted)) or 'nothing'}."
        )
    values = {one.name: one.default for one in wanted.values()} | dict(given)
    missing = [leaf for leaf in wanted.values() if values[leaf.name] is MISSING]
    if missing:
        raise TypeError(
            f"{plan.where(missing[0])} must be given:"
            f" call({name}, {missing[0].name}=...)."
        )
    return values


def _key_of(answering: Answering | None) -> object:
    """Return what is equal for results that one respond is told of alike."""
    return answering and (Itself(answering.encode), answering.status)


def _own_closing(request: object) -> Closing:
    return Closing()


def _hopping(hop: Hop) -> Callable[[Any], Closing]:
    return lambda request: Closing(partial(hop, request))


def _never(function: Function) -> bool:
    return False


def _unchecked(step: Step) -> None:
    return None
