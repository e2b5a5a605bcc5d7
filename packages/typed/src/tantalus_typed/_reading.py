"""The reading of a signature, and those of its dependencies: what comes from where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._errors import SetupError
from ._markers import In, Use
from ._once import Itself, Once, key_of
from ._shape import (
    classes_of,
    is_structured,
    kernel,
    members,
    peel,
    refuse_metadata,
    remembered,
)
from ._signature import (
    MISSING,
    Function,
    Parameter,
    Where,
    hints_of_function,
    identity,
    name_of,
    parameters_of,
)
from ._steps import Leaf, Step, Taken, kind_of, result_of

Provide = Mapping[type, Callable[[Any], Any]]  # Any: a request of the host
Uses = Mapping[type, Sequence[Function]]  # one, or whose names an error tells
# Types that converters of routers give, of which one is no other.
EXACT = (int, float, bool, str)


@dataclass
class Reading:
    """The state of reading one signature, and those of its dependencies."""

    path: Mapping[str, Any]
    path_is_known: bool
    provide: Provide
    bare: bool
    replace: Mapping[Any, Function]
    outside: bool
    uses: Uses
    known: Once
    leaves: dict[object, Leaf] = field(default_factory=dict)
    steps: dict[object, Step] = field(default_factory=dict)
    security: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def taken(
        self,
        view: Function,
        parameters: Sequence[Parameter],
        given: frozenset[str],
    ) -> Taken:
        """Return what a view takes; it is found out once for all with the same."""
        key = (
            tuple([(_key_of(one), one.by_keyword) for one in parameters]),
            tuple([(name, identity(kind)) for name, kind in self.path.items()]),
            *(self.path_is_known, self.bare, given),
        )
        taken: Taken | None = self.known.get(key)
        if taken is None:
            arguments = self.arguments(view, parameters, (view,), given)
            leaves, steps = self.leaves.values(), self.steps.values()
            taken = Taken(tuple(leaves), tuple(steps), arguments, self.security)
            self.known.put(key, taken)
        return taken

    def arguments(
        self,
        owner: Function,
        parameters: Sequence[Parameter],
        trail: tuple[Function, ...],
        given: frozenset[str] = frozenset(),
    ) -> tuple[tuple[Leaf | Step, str | None], ...]:
        found = []
        for one in parameters:
            if one.name in given:
                where = Where(owner, one.name)
                source: Leaf | Step = self.leaf("given", one, where)
            else:
                source = self.source(one, owner, trail)
            found.append((source, one.name if one.by_keyword else None))
        return tuple(found)

    def step(self, function: Function, trail: tuple[Function, ...]) -> Step:
        """Return the call of a dependency, one for all that use it."""
        function = self.replace.get(identity(function), function)
        key = identity(function)
        if key in self.steps:
            return self.steps[key]
        trail = (*trail, function)
        if any(function is one for one in trail[:-1]):
            names = " uses ".join(map(name_of, trail))
            raise SetupError(f"Dependencies go round in a circle: {names}.")
        returns, parameters = dependency(function)
        arguments = self.arguments(function, parameters, trail)
        made = Step(function, kind_of(function), arguments, returns)
        self.steps[key] = made
        return made

    def source(
        self, parameter: Parameter, owner: Function, trail: tuple[Function, ...]
    ) -> Leaf | Step:
        """Return what fills a parameter; parameters that are alike share it."""
        typed_as = self.path.get(parameter.name, MISSING)
        key = _key_of(parameter), self.bare, identity(typed_as)
        found = self.known.get(key)
        if found is None:
            where = Where(owner, parameter.name)
            found = self.found(parameter, where, trail)
            # Whether a rule has a variable of another name is each view's own matter.
            is_here = not isinstance(found, Leaf) or found.place != "path"
            if is_here or typed_as is not MISSING:
                self.known.put(key, found)
        if isinstance(found, Leaf):
            return self.shared(found)
        self.security.update(found.security)
        return self.step(found.function, trail)

    def found(
        self, parameter: Parameter, where: Where, trail: tuple[Function, ...]
    ) -> Leaf | Use:
        """Return what fills a parameter: something of a request, or a function."""
        mark = mark_of(parameter.hint, where)
        if isinstance(mark, Use):
            refuse_metadata(parameter.hint, where)
            _check_result(self.step(mark.function, trail), parameter.hint, where)
            return mark
        if isinstance(mark, In):
            return self.marked(mark, parameter, where)
        place = self.place_of(parameter, where)
        if place == "used":
            return Use(self.used(parameter, where))
        return self.leaf(place, parameter, where)

    def used(self, parameter: Parameter, where: Where | str) -> Function:
        """Return the one function that gives what a parameter names."""
        kind = kernel(parameter.hint)
        function, *more = self.uses[kind]
        if more:
            names = " and ".join(name_of(one) for one in (function, *more))
            raise SetupError(
                f"{where}: {names} give a {kind.__qualname__} each. Say which:"
                f" Annotated[{kind.__qualname__}, Use({name_of(function)})]."
            )
        refuse_metadata(parameter.hint, where)
        return function

    def marked(self, mark: In, parameter: Parameter, where: Where | str) -> Leaf:
        key = mark.name or parameter.name
        if mark.place == "path" and self.path_is_known and key not in self.path:
            raise SetupError(
                f"{where}: the rule has no variable {key!r}. It has"
                f" {', '.join(map(repr, self.path)) or 'none'}."
            )
        return self.leaf(mark.place, parameter, where, mark.name)

    def place_of(self, parameter: Parameter, where: Where | str) -> str:
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
        if shares(parameter.hint, self.uses):
            return "used"
        if getter_of(parameter.hint, self.provide):
            refuse_metadata(parameter.hint, where)
            return "provided"
        if is_structured(parameter.hint):
            return "body"
        if not self.bare:
            raise SetupError(
                f"{where}: nothing says where the parameter comes from. Mark it:"
                f" Query[...] or Header[...], or make the view typed."
            )
        return "query"

    def leaf(
        self,
        place: str,
        parameter: Parameter,
        where: Where | str,
        key: str | None = None,
    ) -> Leaf:
        hint = Any if parameter.hint is MISSING else parameter.hint
        key = key or parameter.name
        typed_as = self.path.get(key) if place == "path" else None
        _check_agreement(hint, typed_as, where)
        if self.outside and place != "provided":
            place = "given"
        get = getter_of(hint, self.provide) if place == "provided" else None

        def make() -> Leaf:
            default = parameter.default
            return Leaf(place, key, parameter.name, hint, default, typed_as, get)

        return self.shared(
            self.known.of((place, key, identity(typed_as), _key_of(parameter)), make)
        )

    def shared(self, leaf: Leaf) -> Leaf:
        """Return the one leaf of this reading that is read as another is."""
        if leaf.place != "body":
            return self.leaves.setdefault(leaf, leaf)
        # There is one, whatever the parameters are called that want it.
        same = leaf.place, key_of(leaf.hint), Itself(leaf.default)
        return self.leaves.setdefault(same, leaf)


def _key_of(parameter: Parameter) -> object:
    """Return what is equal for parameters that are read in the same way."""
    return parameter.name, key_of(parameter.hint), Itself(parameter.default)


def read(function: Function) -> tuple[Any, list[Parameter]]:
    """Return the type that a function returns, and its parameters."""
    hints = hints_of_function(function)
    return hints.get("return", MISSING), parameters_of(function, hints)


# Views are read once, dependencies with each view that uses them.
dependency = remembered(read)


def shares(hint: Any, uses: Uses) -> bool:
    """Tell whether a dependency gives values of a type, without a mark."""
    kind = kernel(hint)
    return isinstance(kind, type) and kind in uses


def getter_of(hint: Any, provide: Provide) -> Callable[[Any], Any] | None:
    """Return what reads a value of a type that the host provides, if it does."""
    kind = kernel(hint)
    if not isinstance(kind, type):
        return None
    if kind in provide:
        return provide[kind]
    for base, get in provide.items():
        if issubclass(kind, base):
            return get
    return None


def mark_of(hint: Any, where: Where | str) -> In | Use | None:
    """Return the mark of a parameter, which may be inside of `| None`."""
    found = _marks_of(hint)
    if len(found) > 1:
        raise SetupError(f"{where}: a value comes from one place, not from {found}.")
    return found[0] if found else None


@remembered
def _marks_of(hint: Any) -> list[In | Use]:
    found = [one for one in peel(hint)[1] if isinstance(one, In | Use)]
    for member in members(hint):
        if member is not hint:
            found += [one for one in peel(member)[1] if isinstance(one, In | Use)]
    return found


def _check_result(step: Step, hint: Any, where: Where | str) -> None:
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


def _check_agreement(hint: Any, typed_as: Any, where: Where | str) -> None:
    """Refuse an annotation that the converter of the rule contradicts."""
    kind = kernel(hint)
    if typed_as in EXACT and typed_as is not str and kind in EXACT:
        if kind is typed_as or (kind, typed_as) == (float, int):
            return
        raise SetupError(
            f"{where}: the annotation says {kind.__name__}, but the rule gives"
            f" {typed_as.__name__}. Change one of them."
        )
