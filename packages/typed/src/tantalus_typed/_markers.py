"""Words for a signature: where a parameter comes from, and what a view answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args

T = TypeVar("T")
Place = Literal["path", "query", "header", "cookie", "body", "form", "file", "json"]


class In:
    """Metadata that says where a parameter is.

    `Annotated[int, In("query", "per-page")]`.

    Args:
        place: One of path, query, header, cookie, body (JSON), form, file, and json
            (JSON inside a field of a form).
        name: As the client writes it; by default the name of the parameter.

    Raises:
        ValueError: There is no such place.
    """

    __slots__ = ("name", "place")

    def __init__(self, place: Place, name: str | None = None) -> None:
        if place not in get_args(Place):
            raise ValueError(
                f"In({place!r}): there is no such place in a request. Use one of"
                f" {', '.join(get_args(Place))}."
            )
        self.place = place
        self.name = name

    def __repr__(self) -> str:
        return f"In({self.place!r})" if not self.name else f"In{self.place, self.name}"


class Use:
    """Metadata that names the function whose result is wanted.

    `Annotated[User, Use(current_user)]`. The function is called once per request,
    whoever else uses it. If it is a generator, what it yields is the result, and it is
    resumed once the view has returned.

    Args:
        function: Has a signature that is read as that of a view.
        security: OpenAPI security schemes, by name, that the function enforces.

    Raises:
        TypeError: It cannot be called.
    """

    __slots__ = ("function", "security")

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        security: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        if not callable(function):
            raise TypeError(f"Use({function!r}): give a function, not its result.")
        self.function = function
        self.security = dict(security or {})

    def __eq__(self, other: object) -> bool:
        """Tell whether both use one function, and say the same of it."""
        return (
            isinstance(other, Use)
            and self.function is other.function
            and self.security == other.security
        )

    def __hash__(self) -> int:
        return id(self.function)

    def __repr__(self) -> str:
        return f"Use({getattr(self.function, '__qualname__', self.function)})"


class Status:
    """Metadata of a return annotation: `-> Annotated[Order, Status(201)]`.

    Raises:
        ValueError: The code is no final status of HTTP.
    """

    __slots__ = ("code",)

    def __init__(self, code: int) -> None:
        if not 200 <= code <= 599:
            raise ValueError(f"Status({code}): use a code between 200 and 599.")
        self.code = code

    def __repr__(self) -> str:
        return f"Status({self.code})"


#: A variable of the path: `Path[int]`.
Path = Annotated[T, In("path")]
#: A parameter of the query; a list takes all values of its name.
Query = Annotated[T, In("query")]
#: A header; `x_token` is `X-Token`.
Header = Annotated[T, In("header")]
#: A cookie.
Cookie = Annotated[T, In("cookie")]
#: The body, as JSON; `Body[bytes]` is all of it as it came.
Body = Annotated[T, In("body")]
#: A field of a form.
Form = Annotated[T, In("form")]
#: A file of a form, in the host's class; `File[bytes]` is what is in it.
File = Annotated[T, In("file")]
#: JSON in a field of a form.
JsonPart = Annotated[T, In("json")]
