"""How a leaf of a plan is read: fetched from the request, converted, explained.

`fetch` and `convert` are what the written-out function does in a line of its own, or
calls; `explain` runs after they failed. Fetched is MISSING where nothing is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ._codec import Codec
from ._errors import Refused
from ._problems import Problem
from ._request import Source, check_form, environ_key
from ._scan import scan
from ._signature import MANY, MISSING
from ._steps import Leaf

Args = Mapping[str, Any]  # Any: what routers give
Fetch = Callable[[Source, Args], Any]  # Any: a text, a list of texts, bytes
Convert = Callable[[Any], Any]
Explain = Callable[[Any, Exception], list[Problem]]


Errors = tuple[type[Exception], ...]
REFUSED: Errors = (Refused,)


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """How one leaf is read.

    Attributes:
        convert: None where what was fetched is the value.
        explain: Problems of a fetched value that `convert` refused; None if it cannot.
        errors: What `fetch` and `convert` raise for bad input.
        many: Whether all values of a name are wanted.
        keeps_empty: Whether an empty text is a value.
        inline: Whether the written-out function may fetch it itself.
    """

    leaf: Leaf
    fetch: Fetch
    convert: Convert | None
    explain: Explain | None
    errors: Errors
    many: bool = False
    keeps_empty: bool = True
    inline: bool = False

    @property
    def is_required(self) -> bool:
        """Whether there is no default."""
        return self.leaf.default is MISSING

    def problems(self, request: Source, args: Args) -> list[Problem]:
        """Return what is wrong with this leaf of a request."""
        key = wire_name(self.leaf)
        # JSON in a field of a form is a field of a form to who sends it.
        place = "form" if self.leaf.place == "json" else self.leaf.place
        raw = MISSING
        try:
            raw = self.fetch(request, args)
            if is_missing(raw, self.keeps_empty):
                missing = Problem(place, "Missing.", key, kind="missing")
                return [missing] if self.is_required else []
            if self.convert is not None:
                self.convert(raw)
        except self.errors as error:
            if self.explain is None or raw is MISSING:
                return [Problem(place, str(error), key)]
            return self.explain(raw, error)
        return []


def errors_of(codec: Codec) -> Errors:
    """Return what the functions of a codec, and ours before them, may refuse with."""
    return REFUSED + codec.errors


def is_missing(raw: object, keeps_empty: bool) -> bool:
    """Tell whether nothing was sent."""
    return raw is MISSING or raw is MANY or raw == [] or not (keeps_empty or raw)


def wire_name(leaf: Leaf) -> str | None:
    """Return the name of a parameter as the client writes it."""
    if leaf.place == "body":
        return None
    return leaf.key.replace("_", "-") if leaf.place == "header" else leaf.key


def fetch_for(leaf: Leaf, many: bool) -> Fetch:
    """Return what fetches a text, or all texts, of a name."""
    fetch = {
        "path": _from_path,
        "query": _from_query,
        "header": _from_headers,
        "cookie": _from_cookies,
        "form": _from_form,
        "json": _from_form,
        "file": _from_files,
    }[leaf.place]
    key = environ_key(leaf.key) if leaf.place == "header" else leaf.key
    return partial(fetch, key, many)


def _from_path(key: str, many: bool, request: Source, args: Args) -> Any:
    return args[key]


def _from_query(key: str, many: bool, request: Source, args: Args) -> Any:
    found: list[Any] = [MANY if many else MISSING]
    scan(request.environ.get("QUERY_STRING") or "", {key: 0}, found)
    return found[0]


def _from_headers(key: str, many: bool, request: Source, args: Args) -> Any:
    text = request.environ.get(key, MISSING)
    if not many:
        return text
    return [one.strip() for one in text.split(",")] if text else []


def _from_cookies(key: str, many: bool, request: Source, args: Args) -> Any:
    text = request.cookies.get(key, MISSING)
    if not many:
        return text
    return [text] if text is not MISSING else []


def _from_form(key: str, many: bool, request: Source, args: Args) -> Any:
    check_form(request)
    found = request.form.getlist(key)
    if many:
        return list(found)
    return found[0] if found else MISSING


def _from_files(key: str, many: bool, request: Source, args: Args) -> Any:
    check_form(request)
    found = [one for one in request.files.getlist(key) if _has_name(one)]
    if many:
        return found
    return found[0] if found else MISSING


def _has_name(upload: Any) -> bool:
    # A browser sends an empty part without a name for a field that was left alone.
    return bool(getattr(upload, "filename", True))
