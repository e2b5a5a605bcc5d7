from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.sessions import SecureCookieSession as FlaskSession
from hypothesis import given
from hypothesis import strategies as st

from tantalus_sessions import (
    LostSession,
    NullSession,
    SecureCookieSession,
    Session,
    SessionMixin,
    SessionStoreError,
)
from tantalus_sessions._session import contents

# Arguments for every method of dict that takes some.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "__contains__": ("a",),
    "__delitem__": ("a",),
    "__eq__": ({},),
    "__ge__": ({},),
    "__getitem__": ("a",),
    "__gt__": ({},),
    "__ior__": ({"b": 2},),
    "__le__": ({},),
    "__lt__": ({},),
    "__ne__": ({},),
    "__or__": ({},),
    "__ror__": ({},),
    "__setitem__": ("b", 2),
    "get": ("a",),
    "pop": ("a",),
    "setdefault": ("b", 2),
    "update": ({"b": 2},),
}
# What every object has, and what concerns the class alone.
NOT_OF_THE_MAPPING = {
    *dir(object),
    "__class_getitem__",
    "fromkeys",
} - {"__eq__", "__ne__", "__repr__", "__lt__", "__le__", "__gt__", "__ge__"}
METHODS = sorted(
    set(dir(dict)) - NOT_OF_THE_MAPPING - {"__lt__", "__le__", "__gt__", "__ge__"}
)
WRITING = {
    *("__delitem__", "__ior__", "__setitem__", "clear", "pop", "popitem"),
    *("setdefault", "update"),
}


def test_reflection_finds_the_methods() -> None:
    assert len(METHODS) >= 23
    assert set(METHODS) > WRITING


@pytest.mark.parametrize("name", METHODS)
def test_every_method_of_a_mapping_marks_the_session_accessed(name: str) -> None:
    session = Session({"a": 1})
    assert not session.accessed

    getattr(session, name)(*ARGUMENTS.get(name, ()))

    assert session.accessed
    assert session.modified is (name in WRITING)


LOOKS: dict[str, Callable[[Session], object]] = {
    "bool": bool,
    "len": len,
    "list": list,
    "dict": dict,
    "star": lambda session: {**session},
    "arguments": lambda session: (lambda **values: values)(**session),
    "equal from the left": lambda session: session == {"a": 1},
    "or from the left": lambda session: {} | session,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": pickle.dumps,
    "json": json.dumps,
    "str": str,
    "format": lambda session: f"{session}",
    "percent": lambda session: "%(a)s" % session,  # noqa: UP031 it is the way that is tested
    "reversed": lambda session: list(reversed(session)),
    "permanent": lambda session: session.permanent,
    "match": lambda session: _matches(session),
}


def _matches(session: Session) -> bool:
    match session:
        case {"a": 1}:
            return True
    return False


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_every_way_to_look_marks_the_session_accessed(
    look: Callable[[Session], object],
) -> None:
    session = Session({"a": 1})

    look(session)

    assert session.accessed
    assert not session.modified


def test_a_new_session_is_neither_accessed_nor_modified() -> None:
    session = SecureCookieSession({"a": 1})

    assert (session.accessed, session.modified, session.new) == (False, False, False)
    assert contents(session) == {"a": 1}
    assert not session.accessed


CHANGES: dict[str, Callable[[Any], object]] = {
    "pop missing": lambda session: session.pop("x", None),
    "pop": lambda session: session.pop("a"),
    "setdefault present": lambda session: session.setdefault("a", 2),
    "setdefault": lambda session: session.setdefault("b"),
    "update nothing": lambda session: session.update(),
    "update keyword": lambda session: session.update(b=2),
    "update pairs": lambda session: session.update([("b", 2)]),
    "clear": lambda session: session.clear(),
    "popitem": lambda session: session.popitem(),
    "ior": lambda session: session.__ior__({"b": 2}),
    "permanent": lambda session: setattr(session, "permanent", True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_has_the_effect_it_has_in_flask(
    change: Callable[[Any], object],
) -> None:
    ours, theirs = SecureCookieSession({"a": 1}), FlaskSession({"a": 1})

    assert change(ours) == change(theirs)

    assert ours.modified == theirs.modified
    assert dict(ours) == dict(theirs)
    assert ours.permanent == theirs.permanent


@pytest.mark.parametrize("method", ["__delitem__", "pop", "__getitem__"])
def test_a_missing_key_is_an_error_and_no_change(method: str) -> None:
    session = Session()

    with pytest.raises(KeyError):
        getattr(session, method)("x")

    assert session.accessed
    assert not session.modified


@given(st.dictionaries(st.text(), st.integers()))
def test_a_session_is_a_dict_like_any_other(items: dict[str, int]) -> None:
    session = Session(items)

    assert session == items
    assert repr(session) == repr(items)
    assert list(session.items()) == list(items.items())
    assert isinstance(session, dict)
    assert isinstance(session, Mapping)


def test_permanent_is_kept_in_the_dict() -> None:
    session = Session()

    session.permanent = True

    assert session == {"_permanent": True}
    assert session.permanent is True


def test_renewing_a_cookie_session_writes_it_again() -> None:
    session = Session({"a": 1})

    session.renew()

    assert session.modified


class Foreign(dict[str, Any], SessionMixin):
    pass


def test_a_dict_with_the_mixin_is_a_session() -> None:
    session = Foreign(a=1)

    session.permanent = True

    assert session.permanent is True
    assert (session.new, session.modified, session.accessed) == (False, True, False)
    assert contents(session) == {"a": 1, "_permanent": True}


FAILURES: dict[str, Callable[[NullSession], object]] = {
    "set": lambda session: session.__setitem__("a", 1),
    "delete": lambda session: session.__delitem__("a"),
    "or": lambda session: session.__ior__({"a": 1}),
    "permanent": lambda session: setattr(session, "permanent", True),
    "clear": lambda session: session.clear(),
    "pop": lambda session: session.pop("a"),
    "popitem": lambda session: session.popitem(),
    "update": lambda session: session.update(a=1),
    "setdefault": lambda session: session.setdefault("a"),
    "renew": lambda session: session.renew(),
}


@pytest.mark.parametrize("change", FAILURES.values(), ids=FAILURES)
def test_a_null_session_says_why_it_cannot_be_changed(
    change: Callable[[NullSession], object],
) -> None:
    # Tests of extensions match on this text.
    text = "session is unavailable because no secret key was set"
    with pytest.raises(RuntimeError, match=text):
        change(NullSession())


def test_a_null_session_can_be_read() -> None:
    session = NullSession()

    assert session.get("a") is None
    assert "a" not in session
    assert not session.permanent
    assert dict(session) == {}


def test_a_default_may_be_named() -> None:
    session = SecureCookieSession({"a": 1})

    assert session.pop("x", default=None) is None
    assert session.pop(key="a", default=2) == 1
    assert session.setdefault(key="b", default=3) == 3
    assert session == {"b": 3}


def test_a_lost_session_is_empty_and_cannot_be_changed() -> None:
    session = LostSession()

    assert session.get("a") is None
    with pytest.raises(SessionStoreError, match="the session cannot be changed"):
        session["a"] = 1
