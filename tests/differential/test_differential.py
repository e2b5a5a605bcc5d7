"""The same requests to the same app, on Flask and on Tantalus: no difference.

By default a sample of the product is asked, the same one each time;
`TANTALUS_DIFFERENTIAL=all` asks all of it.

What may differ:

- The methods in `Allow` have no order in either framework.
- `Date`, `Expires` and the `Expires` of a cookie with `Max-Age` depend on the second in
  which the one or the other was asked.
- An error of ours may be a subclass of the one that Flask raises.
- Flask tears the context of a stream down before the stream starts and again when it
  ends; we do it once, at the end. So the events of streams are not compared.
- What nobody can understand, in a body or a query, is a 400 or 411 here that says why.
  Flask may take it for empty, for whole or for a fault of the app. It is left out.
- What is static or says that it is public does not extend the life of a session here,
  for caches share it: the cookie that Flask sends with it is left out.
- A 413 names the limit here, and the 400 for half a body how much came. So these pages
  are not compared, but their status is.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import flask
import pytest

import tantalus
from cases import (
    BODIES,
    BODY_PATHS,
    CONFIGURATIONS,
    COOKIES,
    ENVIRONS,
    FORM,
    JSON,
    METHODS,
    MULTIPART,
    PATHS,
)
from subject import SIGNALS, Framework, Subject, build, note_everything

# Werkzeug leaves the file of an upload open that is cut short.
pytestmark = pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile")

STREAMS = ("/stream", "/stream-template")
# What nobody can understand: kinds of bodies, and changes of the environ.
BROKEN_BODIES = (
    (FORM, b"\xff"),
    ("multipart/form-data; boundary=C", MULTIPART),
    ("multipart/form-data", MULTIPART),
    (JSON, b' {"a": NaN, "a": 1e999} '),  # which the views of Flask send back
)
BROKEN_ENVIRONS: tuple[dict[str, Any], ...] = (
    {"QUERY_STRING": "a=\xff"},
    {"HTTP_TRANSFER_ENCODING": "chunked"},
    {"CONTENT_LENGTH": "999", "wsgi.input_terminated": True},
    {"CONTENT_LENGTH": "9" * 5000},
)
SAMPLE = 400  # of each configuration
EVERYTHING = os.environ.get("TANTALUS_DIFFERENTIAL") == "all"
NOW = 1_700_000_000.0


class Case(NamedTuple):
    """One request; a cookie may name a session in braces."""

    method: str
    path: str
    cookie: str | None
    body: tuple[str | None, bytes]
    changes: dict[str, Any]

    def is_broken(self, configuration: str) -> bool:
        """Tell whether nobody can understand it, or it is beyond a limit and cut.

        What asks whether a file without a tag matches one is no question to Flask.
        """
        kind = self.body[0] or ""
        return (
            self.body in BROKEN_BODIES
            or self.changes in BROKEN_ENVIRONS
            or ("HTTP_IF_MATCH" in self.changes and "/sent-as/" in self.path)
            or ("multipart" in kind and "CONTENT_LENGTH" in self.changes)
            or (configuration == "limits" and "wsgi.input_terminated" in self.changes)
        )


class Answer(NamedTuple):
    """All that a server and a user's hooks can see of an answer."""

    status: str | None
    headers: list[tuple[str, str]]
    body: bytes
    error: type[Exception] | None
    events: list[str]

    def is_shared(self, path: str) -> bool:
        """Tell whether a cache may hand this answer to others, as it has no cookie."""
        said = dict(self.headers).get("Cache-Control", "")
        extends = "Set-Cookie" in dict(self.headers)
        return not extends and ("public" in said or path.startswith("/static/"))

    def without_extension(self, *, shared: bool) -> Answer:
        """Return this answer without the cookie that extends a session, if shared."""
        if not shared:
            return self
        sent = ("Set-Cookie", "session=")
        rest = [
            (name, value)
            for name, value in self.headers
            if not (name == sent[0] and value.startswith(sent[1]))
        ]
        if len(rest) < len(self.headers) and ("Vary", "Cookie") in rest:
            rest.remove(("Vary", "Cookie"))
        return self._replace(headers=rest)

    def is_like(self, expected: Answer, path: str) -> bool:
        """Tell whether this answer of ours is the one that is expected."""
        mine, theirs = self.error or type(None), expected.error or type(None)
        tells_more = b"The body ended after" in self.body or (
            self.status or ""
        ).startswith("413")
        compared = 1 if tells_more else 3
        expected = expected.without_extension(shared=self.is_shared(path))
        return (
            self[:compared] == expected[:compared]
            and issubclass(mine, theirs)
            and (path in STREAMS or self.events == expected.events)
        )


def cases(seed: str) -> Iterator[Case]:
    """Return the requests of a configuration: all, or its sample."""
    odd = itertools.product(METHODS, PATHS, COOKIES[:1], BODIES[:1], ENVIRONS)
    if EVERYTHING:
        plain = itertools.product(METHODS, PATHS, COOKIES, BODIES, ENVIRONS[:1])
        yield from itertools.starmap(Case, itertools.chain(plain, odd))
        return
    chance = random.Random(seed)
    for method, path in itertools.product(METHODS, PATHS):
        yield Case(method, path, COOKIES[0], BODIES[0], ENVIRONS[0])
    for _ in range(SAMPLE):
        yield Case(
            chance.choice(METHODS),
            chance.choice(PATHS),
            chance.choice(COOKIES),
            chance.choice(BODIES),
            chance.choice(ENVIRONS),
        )


def by_the_rfc(case: Case) -> Case:
    """Return a case as Flask has to be asked to answer by RFC 9110.

    Only GET has ranges, and a date in `If-Range` must be that of the file.
    """
    changes = {**case.changes}
    if case.method != "GET" or "HTTP_IF_RANGE" in changes:
        changes.pop("HTTP_RANGE", None)
    return case._replace(changes=changes)


def environ_of(case: Case, sessions: dict[str, str]) -> dict[str, Any]:
    """Return the environ a server would make of a case (PEP 3333)."""
    path, _, query = case.path.partition("?")
    kind, body = case.body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": case.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if kind is not None:
        environ["CONTENT_TYPE"] = kind
    if case.cookie is not None:
        environ["HTTP_COOKIE"] = case.cookie.format_map(sessions)
    environ.update(case.changes)
    return {key: value for key, value in environ.items() if value is not None}


def ask(subject: Subject, environ: dict[str, Any]) -> Answer:
    """Return what the app answers, with every error it lets out."""
    subject.events.clear()
    started: list[Any] = [None, []]

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        started[:] = [status, list(headers)]

    body, error = b"", None
    try:
        pieces = subject.app(environ, start_response)
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
    except Exception as raised:
        error = type(raised)
    headers = [(name, comparable(name, value)) for name, value in started[1]]
    if started[0] == "204 NO CONTENT":  # ours has no type that nobody set
        headers = [item for item in headers if item[0] != "Content-Type"]
    return Answer(started[0], headers, body, error, list(subject.events))


def comparable(name: str, value: str) -> str:
    """Return the value of a header without what differs by chance."""
    if name == "Allow":
        return ", ".join(sorted(value.split(", ")))
    if name == "Set-Cookie" and "Max-Age=" in value:
        return re.sub(r"Expires=[^;]*", "Expires=then", value)
    return "then" if name in {"Date", "Expires"} else value


class FixedTime(datetime):
    """A date and time at which the clock stands still."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.fromtimestamp(NOW, tz)


@pytest.fixture(autouse=True)
def clock_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: NOW)
    monkeypatch.setattr("flask.sessions.datetime", FixedTime)
    for module in list(sys.modules.values()):
        name = getattr(module, "__name__", "")
        if name.startswith("tantalus_sessions.") and hasattr(module, "datetime"):
            monkeypatch.setattr(module, "datetime", FixedTime)


def sessions_of(subject: Subject) -> dict[str, str]:
    """Return signed sessions by name, as an app with Flask's key makes them."""
    app = flask.Flask("signs")
    app.secret_key = "a key for both"
    serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # the cookie interface
    return {
        "user": serializer.dumps({"user": "ada", "n": 1}),
        "permanent": serializer.dumps({"_permanent": True, "user": "ada"}),
        "flashes": serializer.dumps({"_flashes": [("message", "old")]}),
    }


def pair(name: str, *, noted: bool) -> list[Subject]:
    frameworks: list[Framework] = [flask, tantalus]
    subjects = [build(framework, CONFIGURATIONS[name]) for framework in frameworks]
    if noted:
        for subject, framework in zip(subjects, frameworks, strict=True):
            note_everything(subject, framework)
    return subjects


@pytest.mark.parametrize("noted", [False, True], ids=["bare", "hooks"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_answer_is_flasks(name: str, noted: bool) -> None:
    theirs, ours = pair(name, noted=noted)
    sessions = sessions_of(theirs)
    different = []
    count = 0

    for case in cases(name):
        if case.is_broken(name):
            continue
        count += 1
        expected = ask(theirs, environ_of(by_the_rfc(case), sessions))
        given = ask(ours, environ_of(case, sessions))
        if not given.is_like(expected, case.path):
            different.append((case, expected, given))

    print(f"{name}: {count} requests, {len(different)} different")
    assert different == []


@pytest.mark.parametrize("name", ["defaults", "debug", "limits", "own reading"])
def test_every_body_is_read_as_flask_reads_it(name: str) -> None:
    theirs, ours = pair(name, noted=False)
    different = []

    asked = itertools.product(["POST"], BODY_PATHS, COOKIES[:1], BODIES, ENVIRONS)
    for case in itertools.starmap(Case, asked):
        if case.is_broken(name):
            continue
        expected = ask(theirs, environ_of(case, {}))
        given = ask(ours, environ_of(case, {}))
        if not given.is_like(expected, case.path):
            different.append((case, expected, given))

    assert different == []


def test_the_product_is_as_large_as_promised() -> None:
    assert len(CONFIGURATIONS) >= 12
    assert len(PATHS) >= 90
    assert len(METHODS) >= 6
    assert len(COOKIES) >= 15
    assert len(BODIES) >= 13
    assert len(SIGNALS) == 10
