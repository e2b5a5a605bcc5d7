"""A signature, read once: what of a request it wants, and which functions it uses.

A `Plan` is data. Leaves are read from the request, steps are calls: those of the
dependencies in the order of the signature, depth first, then the view.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args

from ._errors import SetupError
from ._markers import In, Status, Use
from ._shape import classes_of, is_structured, kernel, members, peel
from ._signature import (
    MISSING,
    Function,
    Parameter,
    hints_of_function,
    name_of,
    parameters_of,
    unwrapped,
)

Provide = Mapping[type, Callable[[Any], Any]]  # Any: a request of the host
# Types that converters of routers give, of which one is no other.
EXACT = (int, float, bool, str)


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A value that is read from the request, once for all that want it.

    Attributes:
        place: A place of `In`; or "provided", "given", "default" (not of the client).
        key: The name on the wire.
        name: The name of the parameter.
        hint: Its type.
        default: For when it is missing; `MISSING` if it must not be.
        where: Function and parameter, for messages.
        typed_as: What the router gives, where that is known.
        get: Reads a provided value.
    """

    place: str
    key: str
    name: str
    hint: Any
    default: Any
    where: str
    typed_as: Any = None
    get: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A call of a function: arguments are (source, keyword or None)."""

    function: Function
    kind: str
    arguments: tuple[tuple[Leaf | Step, str | None], ...]
    returns: Any

    @property
    def is_async(self) -> bool:
        """Whether it is awaited."""
        return self.kind.startswith("async")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a view wants, as data.

    Attributes:
        view: The function.
        leaves: What is read from requests.
        steps: What is called, the view last.
        returns: The return annotation without its `Status`; `MISSING` if none.
        status: Of an answer that is encoded by its annotation.
        security: OpenAPI security schemes that dependencies enforce, by name.
    """

    view: Function
    leaves: tuple[Leaf, ...]
    steps: tuple[Step, ...]
    returns: Any
    status: int
    security: Mapping[str, Mapping[str, object]]

    @classmethod
    def of(
        cls,
        view: Function,
        *,
        path: Mapping[str, Any] | Collection[str] | None = None,
        provide: Provide | None = None,
        bare: bool = True,
        replace: Mapping[Function, Function] | None = None,
        given: Collection[str] | None = None,
    ) -> Plan:
        """Read a signature.

        Args:
            view: What is to be called.
            path: Variables of the rule, with the types they come in where known; by
                default none, and parameters of the path are marked with `Path`.
            provide: Reads values of a type, or a subclass of it, from a request.
            bare: Whether parameters that nothing marks come from the query. If not,
                they keep their defaults.
            replace: Dependencies to replace, for tests.
            given: For a call outside of requests: what of the parameters of `view` is
                given. All else that its dependencies read is given by name too.

        Raises:
            SetupError: Names view and parameter, and what to write.
        """
        known = path if isinstance(path, Mapping) else dict.fromkeys(path or ())
        reader = _Reading(
            known,
            path is not None,
            provide or {},
            bare,
            replace or {},
            outside=given is not None,
        )
        last = reader.step(view, (), frozenset(given or ()))
        returns, status = _returned(last.returns)
        plan = cls(
            view,
            tuple(reader.leaves.values()),
            tuple(reader.steps.values()),
            returns,
            status,
            reader.security,
        )
        _check(plan)
        return plan

    @property
    def is_async(self) -> bool:
        """Whether something in it is awaited."""
        return any(step.is_async for step in self.steps)

    @property
    def places(self) -> frozenset[str]:
        """The places of the request that it reads."""
        return frozenset(leaf.place for leaf in self.leaves)

    @property
    def functions(self) -> tuple[Function, ...]:
        """The dependencies, as they are called."""
        return tuple(step.function for step in self.steps[:-1])


def _returned(hint: Any) -> tuple[Any, int]:
    if hint is MISSING:
        return MISSING, 200
    base, metadata = peel(hint)
    codes = [one.code for one in metadata if isinstance(one, Status)]
    if not codes:
        return hint, 200
    kept = tuple(one for one in metadata if not isinstance(one, Status))
    return (Annotated[(base, *kept)] if kept else base), codes[-1]


def _check(plan: Plan) -> None:
    """Refuse what no request can fill."""
    name = name_of(plan.view)
    bodies = [leaf for leaf in plan.leaves if leaf.place == "body"]
    if len(bodies) > 1:
        raise SetupError(
            f"{name} wants two bodies, {bodies[0].where} and {bodies[1].where}, but a"
            " request has one. Make them fields of one type, or mark one as what it is:"
            " Query, Form, JsonPart."
        )
    if bodies and plan.places & {"form", "file", "json"}:
        raise SetupError(
            f"{name} wants JSON ({bodies[0].where}) and a form, but a request has one"
            " body. JSON inside a form is a JsonPart."
        )
    if plan.is_async and not plan.steps[-1].is_async:
        (first, *_) = [step for step in plan.steps if step.is_async]
        raise SetupError(
            f"{name} is not async, but uses {name_of(first.function)}, which is. A"
            " plain function cannot wait: write 'async def'."
        )


@dataclass
class _Reading:
    """The state of reading one signature, and those of its dependencies."""

    path: Mapping[str, Any]
    path_is_known: bool
    provide: Provide
    bare: bool
    replace: Mapping[Function, Function]
    outside: bool
    leaves: dict[object, Leaf] = field(default_factory=dict)
    steps: dict[object, Step] = field(default_factory=dict)
    security: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def step(
        self,
        function: Function,
        trail: tuple[Function, ...],
        given: frozenset[str] = frozenset(),
    ) -> Step:
        function = self.replace.get(function, function)
        if function in self.steps:
            return self.steps[function]
        if function in trail:
            names = " uses ".join(name_of(one) for one in (*trail, function))
            raise SetupError(f"Dependencies go round in a circle: {names}.")
        hints = hints_of_function(function)
        arguments = tuple(
            (
                self.source(parameter, function, (*trail, function), given),
                parameter.name if parameter.keyword_only else None,
            )
            for parameter in parameters_of(function, hints)
        )
        returns = hints.get("return", MISSING)
        made = Step(function, kind_of(function), arguments, returns)
        self.steps[function] = made
        return made

    def source(
        self,
        parameter: Parameter,
        owner: Function,
        trail: tuple[Function, ...],
        given: frozenset[str],
    ) -> Leaf | Step:
        where = f"{name_of(owner)}({parameter.name})"
        if parameter.name in given:
            return self.leaf("given", parameter, where)
        mark = _mark(parameter.hint, where)
        if isinstance(mark, Use):
            self.security.update(mark.security)
            made = self.step(mark.function, trail)
            _check_result(made, parameter.hint, where)
            return made
        if isinstance(mark, In):
            return self.marked(mark, parameter, where)
        return self.leaf(self.place_of(parameter, where), parameter, where)

    def marked(self, mark: In, parameter: Parameter, where: str) -> Leaf:
        key = mark.name or parameter.name
        if mark.place == "path" and self.path_is_known and key not in self.path:
            raise SetupError(
                f"{where}: the rule has no variable {key!r}. It has"
                f" {', '.join(map(repr, self.path)) or 'none'}."
            )
        return self.leaf(mark.place, parameter, where, mark.name)

    def place_of(self, parameter: Parameter, where: str) -> str:
        """Return the place of a parameter without a mark: the first that fits."""
        untouched = not self.bare and parameter.default is not MISSING
        if parameter.name in self.path:
            return "path"
        if parameter.hint is MISSING and not untouched:
            raise SetupError(
                f"{where}: the parameter has no annotation. Write its type, or"
                " Query[...], Header[...], Annotated[..., Use(...)]."
            )
        if untouched:
            return "default"
        if self.getter(parameter.hint):
            return "provided"
        if is_structured(parameter.hint):
            return "body"
        if not self.bare:
            raise SetupError(
                f"{where}: nothing says where the parameter comes from. Mark it:"
                f" Query[...] or Header[...], or make the view typed."
            )
        return "query"

    def getter(self, hint: Any) -> Callable[[Any], Any] | None:
        kind = kernel(hint)
        if not isinstance(kind, type):
            return None
        if kind in self.provide:
            return self.provide[kind]
        for base, get in self.provide.items():
            if issubclass(kind, base):
                return get
        return None

    def leaf(
        self, place: str, parameter: Parameter, where: str, key: str | None = None
    ) -> Leaf:
        hint = Any if parameter.hint is MISSING else parameter.hint
        key = key or parameter.name
        typed_as = self.path.get(key) if place == "path" else None
        _check_agreement(hint, typed_as, where)
        if self.outside:
            place = "given"
        name = parameter.name if place != "body" else ""
        same = (place, name and key, name, _identity(hint), id(parameter.default))
        if same not in self.leaves:
            get = self.getter(hint) if place == "provided" else None
            made = Leaf(
                *(place, key, parameter.name, hint, parameter.default, where),
                *(typed_as, get),
            )
            self.leaves[same] = made
        return self.leaves[same]


def _identity(hint: object) -> object:
    """Return what is equal for equal types."""
    try:
        hash(hint)
    except TypeError:  # metadata that cannot be hashed
        return id(hint)
    return hint


def _mark(hint: Any, where: str) -> In | Use | None:
    """Return the mark of a parameter, which may be inside of `| None`."""
    found = [one for one in peel(hint)[1] if isinstance(one, In | Use)]
    for member in members(hint):
        if member is not hint:
            found += [one for one in peel(member)[1] if isinstance(one, In | Use)]
    if len(found) > 1:
        raise SetupError(f"{where}: a value comes from one place, not from {found}.")
    return found[0] if found else None


def kind_of(function: Function) -> str:
    """Return how a function is called: plain, generator, async, async generator."""
    bare = unwrapped(function)
    if inspect.isasyncgenfunction(bare):
        return "async generator"
    if inspect.isgeneratorfunction(bare):
        return "generator"
    return "async" if inspect.iscoroutinefunction(bare) else "plain"


def result_of(step: Step) -> Any:
    """Return the type of what a dependency gives; of a generator, what it yields."""
    function = step.function
    if isinstance(function, type):
        return function
    if "generator" in step.kind and step.returns is not MISSING:
        arguments = get_args(step.returns)
        return arguments[0] if arguments else MISSING
    return step.returns


def _check_result(step: Step, hint: Any, where: str) -> None:
    """Refuse a dependency that says it gives something else than is wanted."""
    wanted, given = classes_of(hint), classes_of(result_of(step))
    if wanted is None or given is None:
        return
    for kind in given:
        if not issubclass(kind, wanted):
            raise SetupError(
                f"{where} wants {' or '.join(one.__qualname__ for one in wanted)}, but"
                f" {name_of(step.function)} gives {kind.__qualname__}."
            )


def _check_agreement(hint: Any, typed_as: Any, where: str) -> None:
    """Refuse an annotation that the converter of the rule contradicts."""
    kind = kernel(hint)
    if typed_as in EXACT and typed_as is not str and kind in EXACT:
        if kind is typed_as or (kind, typed_as) == (float, int):
            return
        raise SetupError(
            f"{where}: the annotation says {kind.__name__}, but the rule gives"
            f" {typed_as.__name__}. Change one of them."
        )
