"""What is asked of a request, and what of it is looked at here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ._errors import WrongContentType

JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class ManyValues(Protocol):
    """A mapping that may hold several values of a name, as forms do."""

    def getlist(self, name: str, /) -> Sequence[Any]:
        """Return all values of a name, none if there are none."""
        ...


class Source(Protocol):
    """What a request must offer. Werkzeug's, Flask's and Tantalus' do.

    All but `environ` is read only if a parameter asks for it.
    """

    @property
    def environ(self) -> Mapping[str, Any]:
        """QUERY_STRING, CONTENT_TYPE and headers as in WSGI: bytes as Latin-1."""
        ...

    def get_data(self) -> bytes:
        """Return the body. Raises an error of the host's if that is too large."""
        ...

    @property
    def form(self) -> ManyValues:
        """Texts of a form."""
        ...

    @property
    def files(self) -> ManyValues:
        """Files of a form."""
        ...

    @property
    def cookies(self) -> Mapping[str, str]:
        """Cookies by name."""
        ...


def media_type(environ: Mapping[str, Any]) -> str:
    """Return the type of the body without its parameters; empty if none is given."""
    kind: str = environ.get("CONTENT_TYPE") or ""
    return kind.partition(";")[0].strip().lower()


def check_json(request: Source) -> None:
    """Accept bodies that say they are JSON, or a kind of it (RFC 6839 §3.1).

    Raises:
        WrongContentType: It says something else, or nothing.
    """
    kind = media_type(request.environ)
    if kind != JSON and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        raise WrongContentType(JSON)


def check_form(request: Source) -> None:
    """Accept bodies that say they are forms; without a body, the form is empty.

    Raises:
        WrongContentType: It says something else, or nothing.
    """
    environ = request.environ
    if media_type(environ) not in FORMS and (
        environ.get("CONTENT_TYPE") or has_body(environ)
    ):
        raise WrongContentType(*FORMS)


def has_body(environ: Mapping[str, Any]) -> bool:
    """Tell whether a request announces a body (RFC 9112 §6.3)."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return length != "0" or "HTTP_TRANSFER_ENCODING" in environ


def environ_key(header: str) -> str:
    """Return where an environ has a header: `HTTP_X_TOKEN` for `x_token`."""
    key = header.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
