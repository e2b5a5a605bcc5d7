"""A signature, read once: what of a request it wants, and which functions it uses.

A `Plan` is data. Leaves are read from the request, steps are calls: those of the
dependencies in the order of the signature, depth first, then the view.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from ._errors import SetupError
from ._markers import Status
from ._once import Once
from ._reading import Provide, Reading, Uses, getter_of, mark_of, read, shares
from ._shape import is_structured, peel
from ._signature import (
    MISSING,
    Function,
    Where,
    hint_of,
    identity,
    name_of,
    signature_of,
)
from ._steps import Leaf, Step, Taken, kind_of

# Parameters that stand for any number of them.
ANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a view wants, as data.

    Attributes:
        view: The function.
        leaves: What is read from requests.
        steps: What is called, the view last.
        returns: The return annotation without its `Status`; `MISSING` if none.
        status: What the annotation says of the answer; None if nothing.
        security: OpenAPI security schemes that dependencies enforce, by name.
        taken: What it shares with the plans of views that take the same.
    """

    view: Function
    leaves: tuple[Leaf, ...]
    steps: tuple[Step, ...]
    returns: Any
    status: int | None
    security: Mapping[str, Mapping[str, object]]
    taken: Taken

    @classmethod
    def of(
        cls,
        view: Function,
        *,
        path: Mapping[str, Any] | Collection[str] | None = None,
        provide: Provide | None = None,
        bare: bool = True,
        replace: Mapping[Function, Function] | None = None,
        given: Collection[str] = (),
        outside: bool = False,
        uses: Uses | None = None,
        known: Once | None = None,
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
            given: Parameters of `view` that whoever calls it gives by name, beside the
                variables of the rule.
            outside: For a call outside of requests: all that its dependencies read is
                given by name too.
            uses: Functions that parameters of a type use without a mark.
            known: What views that are read alike share.

        Raises:
            SetupError: Names view and parameter, and what to write.
        """
        names = path if isinstance(path, Mapping) else dict.fromkeys(path or ())
        reading = Reading(
            names,
            path is not None,
            provide or {},
            bare,
            replace or {},
            outside=outside,
            uses=uses or {},
            known=known or Once(),
        )
        function = reading.replace.get(identity(view), view)
        annotated, parameters = read(function)
        taken = reading.taken(function, parameters, frozenset(given))
        last = Step(function, kind_of(function), taken.arguments, annotated)
        returns, status = _returned(annotated)
        plan = cls(
            view,
            taken.leaves,
            (*taken.steps, last),
            returns,
            status,
            taken.security,
            taken,
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

    def where(self, leaf: Leaf) -> Where:
        """Return which parameter of which function wants a leaf, for messages."""
        for step in self.steps:
            if any(leaf is source for source, _ in step.arguments):
                return Where(step.function, leaf.name)
        return Where(self.steps[-1].function, leaf.name)  # a field of a record of them

    @property
    def functions(self) -> tuple[Function, ...]:
        """The dependencies, as they are called."""
        return tuple(step.function for step in self.steps[:-1])


def says_source(
    view: Function,
    filled: Collection[str],
    provide: Provide,
    uses: Uses,
    *,
    marked: bool,
) -> bool:
    """Tell whether a signature says by itself that it is read from requests.

    What cannot be found at run time does where nothing else fills the parameter.
    """
    if any(isinstance(one, Status) for one in peel(hint_of(view, "return"))[1]):
        return True
    for name, one in signature_of(view).parameters.items():
        hint = hint_of(view, name)
        if mark_of(hint, f"{name_of(view)}({name})") is not None:
            return True
        is_filled = name in filled or one.default is not one.empty
        if marked or is_filled or one.kind in ANY:
            continue
        if hint is MISSING:
            if one.annotation is not one.empty:
                return True  # it cannot be found, which only binding will tell
        elif shares(hint, uses) or getter_of(hint, provide) or is_structured(hint):
            return True
    return False


def _returned(hint: Any) -> tuple[Any, int | None]:
    if hint is MISSING:
        return MISSING, None
    base, metadata = peel(hint)
    if not metadata:
        return hint, None
    codes = [one.code for one in metadata if isinstance(one, Status)]
    if not codes:
        return hint, None
    kept = tuple(one for one in metadata if not isinstance(one, Status))
    return (Annotated[(base, *kept)] if kept else base), codes[-1]


def _check(plan: Plan) -> None:
    """Refuse what no request can fill."""
    if plan.is_async and not plan.steps[-1].is_async:
        (first, *_) = [step for step in plan.steps if step.is_async]
        raise SetupError(
            f"{name_of(plan.view)} is not async, but uses {name_of(first.function)},"
            " which is. A plain function cannot wait: write 'async def'."
        )
    if "body" not in [leaf.place for leaf in plan.leaves]:
        return
    name = name_of(plan.view)
    bodies = [leaf for leaf in plan.leaves if leaf.place == "body"]
    if len(bodies) > 1:
        raise SetupError(
            f"{name} wants two bodies, {plan.where(bodies[0])} and"
            f" {plan.where(bodies[1])}, but a request has one. Make them fields of one"
            " type, or mark one as what it is: Query, Form, JsonPart."
        )
    if bodies and plan.places & {"form", "file", "json"}:
        raise SetupError(
            f"{name} wants JSON ({plan.where(bodies[0])}) and a form, but a request has"
            " one body. JSON inside a form is a JsonPart."
        )
