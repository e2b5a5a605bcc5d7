"""The dict that survives between requests, and knows what was done to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

from ._errors import SessionStoreError, SessionUnavailable

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., object])

_NONE_GIVEN: Any = object()

# A name of this module is found faster than an attribute of `dict`.
_fill = dict.__init__


class SessionMixin(MutableMapping[str, Any]):
    """What a session knows beyond being a mapping; mix it into a dict.

    Attributes:
        new: Nothing was stored for this user before, if the interface can tell.
        modified: It must be saved. Set it yourself after a change inside a value.
        accessed: It was looked at, so the response depends on the cookie.
    """

    new: bool = False
    modified: bool = True
    accessed: bool = False

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser; kept under the key `_permanent`."""
        return bool(self.get("_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)


def _reading(method: F) -> F:
    """Wrap a method of dict so that calling it marks the session accessed."""

    @wraps(method)
    def read(self: Session, /, *args: object, **kwargs: object) -> object:
        self.accessed = True
        return method(self, *args, **kwargs)

    return cast("F", read)  # the wrapper passes all arguments on unchanged


def _writing(method: F) -> F:
    """Wrap a method of dict so that its success marks the session modified."""

    @wraps(method)
    def write(self: Session, /, *args: object, **kwargs: object) -> object:
        self.accessed = True
        result = method(self, *args, **kwargs)
        self.modified = True
        return result

    return cast("F", write)  # the wrapper passes all arguments on unchanged


class Session(dict[str, Any], SessionMixin):
    """A dict that marks itself accessed when looked at and modified when changed.

    Attributes:
        over_https: The request came by https; decides about an automatic `Secure`.
        mount: Where the application is mounted; decides about an automatic `Path`.
        alone: No cookie of this name came that is another application's.
    """

    modified: bool = False
    over_https: bool = False
    mount: str = ""
    alone: bool = True

    __reversed__ = _reading(dict.__reversed__)
    __eq__ = _reading(dict.__eq__)
    __ne__ = _reading(dict.__ne__)
    __repr__ = _reading(dict.__repr__)
    __or__ = _reading(dict.__or__)
    __ror__ = _reading(dict.__ror__)
    get = _reading(dict.get)
    keys = _reading(dict.keys)
    items = _reading(dict.items)
    values = _reading(dict.values)
    copy = _reading(dict.copy)

    __delitem__ = _writing(dict.__delitem__)
    __ior__ = _writing(dict.__ior__)
    clear = _writing(dict.clear)
    popitem = _writing(dict.popitem)
    update = _writing(dict.update)

    def pop(self, key: str, default: Any = _NONE_GIVEN) -> Any:
        """Remove `key` and return its value, or `default`."""
        found = key in self
        others = () if default is _NONE_GIVEN else (default,)
        value = dict.pop(self, key, *others)
        self.modified = self.modified or found
        return value

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, set to `default` if there was none."""
        found = key in self
        value = dict.setdefault(self, key, default)
        self.modified = self.modified or not found
        return value

    @property
    def permanent(self) -> bool:
        """Whether the cookie outlives the browser; kept under the key `_permanent`."""
        self.accessed = True
        return bool(dict.get(self, "_permanent", False))

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)

    def renew(self) -> None:
        """Ask for a new id, so that one known before the login is worth nothing.

        A session that lives in the cookie has no id; it is merely written again.
        """
        self.accessed = self.modified = True

    # The five that nearly every request uses are written out, which is faster.

    def __getitem__(self, key: str, /) -> Any:
        self.accessed = True
        return dict.__getitem__(self, key)

    def __setitem__(self, key: str, value: Any, /) -> None:
        self.accessed = True
        dict.__setitem__(self, key, value)
        self.modified = True

    def __contains__(self, key: object, /) -> bool:
        self.accessed = True
        return dict.__contains__(self, key)

    def __len__(self) -> int:
        self.accessed = True
        return dict.__len__(self)

    def __iter__(self) -> Iterator[str]:
        self.accessed = True
        return dict.__iter__(self)


class SecureCookieSession(Session):
    """A session that lives in a signed cookie."""

    def __init__(self, initial: Mapping[str, Any] | None = None) -> None:
        _fill(self, initial or ())


class NullSession(SecureCookieSession):
    """Stands in where no key can sign: empty to read, an error to change."""

    def _fail(self, *args: object, **kwargs: object) -> NoReturn:
        raise SessionUnavailable

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = _fail
    update = setdefault = renew = _fail
    del _fail


class LostSession(NullSession):
    """Stands in for a session that the store could not give: as a null session does.

    For what answers the request nevertheless, such as an error page.
    """

    def _fail(self, *args: object, **kwargs: object) -> NoReturn:
        raise SessionStoreError("it failed before, so the session cannot be changed")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = _fail
    update = setdefault = renew = _fail
    del _fail


def contents(session: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return a plain dict of what is in `session`, its marks left alone."""
    # `dict` asks a class with an iterator of its own for each key, and ours marks.
    if type(session).__iter__ is Session.__iter__:
        return dict(dict.items(session))  # type: ignore[arg-type] # it is a Session
    return dict(session)
