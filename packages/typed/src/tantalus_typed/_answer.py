"""What becomes of a view's result: checked where asked, encoded by its annotation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, get_origin

from ._codec import Codec
from ._errors import DependencyError, ReturnMismatch, SetupError
from ._plan import Plan
from ._request import JSON
from ._shape import (
    LISTS,
    classes_of,
    is_namedtuple,
    is_record,
    is_structured,
    kernel,
    members,
)
from ._signature import MISSING, name_of
from ._steps import Step, result_of

# Annotations whose values go to the host as they are.
AS_IS = (str, bytes, tuple)
# Statuses of answers that are empty (RFC 9110 §15).
WITHOUT_BODY = (204, 205, 304)
# Annotations that do not tell how to encode.
UNSAID = (MISSING, None, type(None), Any, object, dict, list)


class Respond(Protocol):
    """Makes the host's response; the classes of most frameworks do."""

    def __call__(self, body: bytes, status: int, headers: Mapping[str, str], /) -> Any:
        """Return a response. Any: the host's own."""
        ...


def triple(body: bytes, status: int, headers: Mapping[str, str], /) -> Any:
    """Return what Flask and others take for a response."""
    return body, status, headers


def codec_of_return(
    plan: Plan, codecs: Sequence[Codec], as_is: Collection[type]
) -> Codec | None:
    """Return what encodes the result; None if it goes to the host as it is.

    A bare `dict` or `list`, a text, a tuple, a response class: the host knows better.

    Raises:
        SetupError: The annotation has a rule that no codec understands.
    """
    if plan.returns in UNSAID:
        return None
    kinds = {get_origin(kernel(one)) or kernel(one) for one in members(plan.returns)}
    if kinds & set(as_is):
        return None
    where = f"{name_of(plan.view)}() returns"
    for codec in codecs:
        if codec.handles(plan.returns):
            return codec
    if all(_is_foreign(kind) for kind in kinds):
        return None
    raise SetupError(
        f"{where} {plan.returns!r}, which no codec can encode. Change the annotation,"
        " or give a codec for it."
    )


def _is_foreign(kind: object) -> bool:
    """Tell whether a class is none of data: a response, an iterator, of the host."""
    is_data = kind in (dict, *LISTS) or is_structured(kind)
    return isinstance(kind, type) and not is_data


class Answering(NamedTuple):
    """How a result becomes a response: `respond(encode(result), status, headers)`."""

    encode: Callable[[Any], bytes]
    respond: Respond
    status: int
    headers: dict[str, str]


def answering(codec: Codec, plan: Plan, respond: Respond) -> Answering:
    """Return how a result is encoded once, and made a response.

    Raises:
        SetupError: The status is of an answer without a body.
    """
    status = plan.status or 200
    if status in WITHOUT_BODY:
        raise SetupError(
            f"{name_of(plan.view)}() returns {plan.returns!r}, but an answer of status"
            f" {status} has no body. Write -> Annotated[None, Status({status})]."
        )
    encode = codec.encoder(plan.returns)
    if all(_is_object(one) for one in members(plan.returns)):
        encode = _without_tuples(plan, encode)
    return Answering(encode, respond, status, {"Content-Type": JSON})


def _is_object(hint: object) -> bool:
    """Tell whether values of a type are objects of JSON, or null."""
    kind = get_origin(kernel(hint)) or kernel(hint)
    return kind in (dict, None, type(None)) or (
        is_record(kind) and not is_namedtuple(kind)
    )


def _without_tuples(
    plan: Plan, encode: Callable[[Any], bytes]
) -> Callable[[Any], bytes]:
    """Return an encoder that takes no tuple, which would be an array of JSON.

    What a view meant by it, a status, would be lost without a word.
    """

    def encoded(result: Any) -> bytes:
        if type(result) is tuple:
            raise ReturnMismatch(
                f"{name_of(plan.view)}() returned a tuple, and its annotation says"
                f" {plan.returns!r}. For another status write Annotated[..., Status("
                "201)], raise an HTTP error, or leave the annotation out: the framework"
                " then makes a response of the tuple."
            )
        return encode(result)

    return encoded


def answering_empty(plan: Plan, respond: Respond) -> Answering:
    """Return how an empty response of the status that is said is made.

    Raises:
        SetupError: The result is left to the host, and so is its status.
    """
    status = plan.status or 204
    if plan.returns not in (None, type(None)):
        raise SetupError(
            f"{name_of(plan.view)}() returns {plan.returns!r}, which is left to the"
            f" framework, so Status({status}) would be ignored. Return a response of"
            " the framework, or a type that is encoded."
        )
    return Answering(_nothing, respond, status, {})


def _nothing(result: object) -> bytes:
    return b""


def checking(codec: Codec, plan: Plan) -> Callable[[Any], Any]:
    """Return what compares a result with the annotation, and gives it back."""
    check = codec.checker(plan.returns)

    def checked(result: Any) -> Any:
        problems = check(result)
        if problems:
            told = "; ".join(f"at {one.pointer}: {one.detail}" for one in problems)
            raise ReturnMismatch(
                f"{name_of(plan.view)}() returned what its annotation denies, {told}"
            )
        return result

    return checked


def checking_step(step: Step) -> Callable[[Any], Any] | None:
    """Return what checks what a dependency gives; None if it does not say."""
    said = result_of(step)
    classes = classes_of(said)
    if classes is None:
        return None

    def checked(result: Any) -> Any:
        if not isinstance(result, classes):
            raise DependencyError(
                f"{name_of(step.function)}() gave {type(result).__qualname__}, which is"
                f" not the {said} that it says it gives."
            )
        return result

    return checked
