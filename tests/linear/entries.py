"""Where text of a client enters, and what is hostile there.

    python entries.py App|Flask NAME [seconds]

asks an app with texts of two lengths, and prints a line of JSON for each: whether twice
the length took much more than twice the time.
"""

from __future__ import annotations

import io
import json
import logging
import re
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from jinja2 import TemplateNotFound

from tantalus import (
    App,
    Flask,
    Response,
    make_response,
    render_template,
    request,
    session,
)
from tantalus.sessions import SecureCookieSessionInterface

LETTERS = 100_000
# Twice the text in twice the time; noise of short runs is left alone.
MOST_TIMES = 3.0
FROM_SECONDS = 0.1
ATTEMPTS = 4

KEY = "a key of this test, and of no other"
Changes = dict[str, Any]


class Entry(NamedTuple):
    """A place where text enters."""

    #: What stands first, repeatedly, and last in a text.
    first: tuple[str, ...]
    repeated: tuple[str, ...]
    last: tuple[str, ...]
    #: Returns the environ's items that bring a text there.
    bring: Callable[[str], Changes]

    def texts(self) -> Iterator[tuple[str, Callable[[int], str]]]:
        """Return what makes texts of a length, each with its name."""
        for first, piece, last in product(self.first, self.repeated, self.last):
            yield repr((first, piece, last)), partial(text_of, first, piece, last)


def text_of(first: str, piece: str, last: str, length: int) -> str:
    return first + piece * (length // len(piece)) + last


def header(name: str, reads: str) -> Callable[[str], Changes]:
    """Return what sends a header to a view that reads attributes of the request."""
    return lambda text: {f"HTTP_{name}": text, "tests.reads": reads}


def conditional(name: str, before: str = "") -> Callable[[str], Changes]:
    return lambda text: {
        f"HTTP_{name}": before + text,
        "PATH_INFO": "/conditional_answer",
    }


def body(kind: str, reads: str) -> Callable[[str], Changes]:
    """Return what posts a body of a type."""

    def bring(text: str) -> Changes:
        sent = text.encode()
        return {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(sent)),
            "wsgi.input": io.BytesIO(sent),
            "tests.reads": reads,
        }

    return bring


def content_type(text: str) -> Changes:
    return {
        **body("", "mimetype,mimetype_params,is_json,form")("x"),
        "CONTENT_TYPE": text,
    }


def path(text: str) -> Changes:
    return {"PATH_INFO": f"/{text}"}


def query(text: str) -> Changes:
    return {
        "QUERY_STRING": text,
        "tests.reads": "args,values,full_path,url,base_url,root_url",
    }


def static_version(text: str) -> Changes:
    return {"PATH_INFO": "/static/entries.py", "QUERY_STRING": f"v={text}"}


def session_cookie(text: str) -> Changes:
    return {"HTTP_COOKIE": f"session={text}", "PATH_INFO": "/read_session"}


def signed_session(text: str) -> Changes:
    """Return a cookie that is signed, as one of another program with the key."""
    app = Flask("signs")
    app.secret_key = KEY
    serializer: Any = SecureCookieSessionInterface().get_signing_serializer(app)
    return session_cookie(serializer.dumps({"text": text}))


def template(text: str) -> Changes:
    return {"PATH_INFO": "/choose_template", "QUERY_STRING": f"name={text}"}


_FIELD = '--b\r\nContent-Disposition: form-data; name="a"'
_NONE = ("",)
_LISTED = (
    *("a,", ",", "a ", '"a",', '"', '"a"', "\\", "a;", ";", "a=", "=", "a/b;q=1,"),
    *(" ", "\t"),
)
_BAD = ("", "!", "\x01", '"')
_SEGMENTS = ("/", "a", "a/", "%", "-", "1", "1/", ".", "../", "\xe9", "a-")
_PATHS = ("", "a/", "a/1/", "path/", "float/", "uuid/", "any/", "html/", "under/a/")

ENTRIES = {
    "Host": Entry(
        ("", "a", "["),
        ("a", "-", ".", "a.", "a-", "_", "[", ":", "1", "[:", "0.", "a:", "A"),
        ("", "-", "!", "..", ":123456", ":99999", "]", "-.b"),
        header("HOST", "host,url"),
    ),
    "Cookie": Entry(
        ("", "a=", 'a="'),
        ("a=b; ", "a=", ";", " ", "=", '"', "\\", "\\0", "a", "a;", "\t", 'a="'),
        _BAD,
        header("COOKIE", "cookies"),
    ),
    "session cookie": Entry(
        ("", ".", "a.", ".eJ"),
        ("a", ".", "a.", "=", "-", "_", "eyJ", " ", "\t"),
        ("", "!", ".a.a", '"'),
        session_cookie,
    ),
    "session": Entry(_NONE, ("a", "\\", '"', "\xe9", "{"), _NONE, signed_session),
    "path": Entry(_PATHS, _SEGMENTS, ("", "!"), path),
    "query": Entry(
        ("", "a="),
        ("a=b&", "&", "=", "%", "%41", "%ff", "+", "a", "&=", "a&", ";", "a[b]=&"),
        _BAD,
        query,
    ),
    "urlencoded form": Entry(
        ("", "a="),
        ("a=b&", "&", "=", "%", "%41", "%ff", "+", "a", "&=", "a&", ";", "a[b]=&"),
        _BAD,
        body("application/x-www-form-urlencoded", "form"),
    ),
    "multipart form": Entry(
        (
            *("", "--b\r\nX: ", f"{_FIELD}\r\n\r\n", f'{_FIELD}; filename="'),
            f'{_FIELD}; filename="f"\r\n\r\n',
        ),
        (
            *("\r\n", "--b\r\n", "--b", "-", "\r", "a", "\n", "\r\n--", "\r\n-", "\\"),
            *(f"{_FIELD}\r\n\r\nx\r\n", "--b\r\nA: b\r\n", "A: b\r\n", '"', ";", "=a;"),
        ),
        ("", "\r\n--b--\r\n", "!"),
        body("multipart/form-data; boundary=b", "form,files"),
    ),
    "boundary of a form": Entry(
        ("", "-"),
        ("-", "a", " ", '"', "\r\n"),
        ("", "a"),
        lambda text: {
            **body("", "form,files")("\r\n--" * 1000),
            "CONTENT_TYPE": f"multipart/form-data; boundary={text}",
        },
    ),
    "content type": Entry(
        ("", "multipart/form-data; ", "application/json;", "a/b; c="),
        (
            *(";", "a;", "a=b;", 'a="', "/", "a", "=", '"', "\\", " ", "; a*0=b"),
            *(";a*=utf-8''x", "; boundary=a", "%41", "'"),
        ),
        _BAD,
        content_type,
    ),
    "JSON": Entry(
        ("", "[", '"', "-", "1.", '{"a":'),
        (
            *("[", '{"a":', "1", "[],", "9", '"', "\\u0041", "-", " ", "[1e9,", '"\\'),
            *('{"a":1,', '"a":1,', "[]", "\\", "e"),
        ),
        ("", "]", "!"),
        body("application/json", "json"),
    ),
    "Range": Entry(
        ("", "bytes="),
        ("bytes=", "1-2,", "-", "1", ",", "0-,", "=", " ", "1-", "-1,"),
        _BAD,
        conditional("RANGE"),
    ),
    "If-Range": Entry(
        ("", '"', "Mon, "),
        ('"', "1", "a", " ", ":", "(", ",", "-", "1:"),
        _BAD,
        lambda text: {**conditional("IF_RANGE")(text), "HTTP_RANGE": "bytes=0-1"},
    ),
    "If-None-Match": Entry(
        ("", '"'),
        (*_LISTED, "W/", 'W/"a" ', "w/a,"),
        _BAD,
        conditional("IF_NONE_MATCH"),
    ),
    "If-Match": Entry(
        ("", '"'), (*_LISTED, "W/", 'W/"a" ', "w/a,"), _BAD, conditional("IF_MATCH")
    ),
    "If-Modified-Since": Entry(
        ("", "Mon, 01 ", "Mon, 01 Jan 2000 "),
        ("1", "a", " ", ":", "1:", "(", "-", ",", "\\", "a ", "+", "()"),
        _BAD,
        conditional("IF_MODIFIED_SINCE"),
    ),
    "Accept": Entry(
        ("", "a/b;"),
        (*_LISTED, "a/b,", "/", "a;b=c;", "*/*,", "q=", ";q=1"),
        _BAD,
        header("ACCEPT", "accept_mimetypes"),
    ),
    "Accept-Language": Entry(
        ("", "a;"),
        (*_LISTED, "a-b,", "-", "a;q=0.5,", "q=", "_"),
        _BAD,
        header("ACCEPT_LANGUAGE", "accept_languages"),
    ),
    "Cache-Control": Entry(
        _NONE, _LISTED, _BAD, header("CACHE_CONTROL", "cache_control")
    ),
    "Authorization": Entry(
        ("", "Basic ", "Digest ", "Bearer ", 'Digest a="'),
        (*_LISTED, "a", "Og==", ":"),
        _BAD,
        header("AUTHORIZATION", "authorization"),
    ),
    "lists of names": Entry(
        _NONE,
        _LISTED,
        _BAD,
        lambda text: {
            "HTTP_X_FORWARDED_FOR": text,
            "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": text,
            "HTTP_PRAGMA": text,
            "HTTP_ACCEPT_ENCODING": text,
            "tests.reads": (
                "access_route,access_control_request_headers,pragma,accept_encodings"
            ),
        },
    ),
    "hash of a static file": Entry(
        _NONE, ("a", "0", "%30", "v="), _BAD, static_version
    ),
    "name of a template": Entry(
        ("", "a/"), ("a", "/", "../", ".", "a/", ".html"), ("", ".html"), template
    ),
}

#: Those that another setting reads in another way.
DECIDED_BY_SETTINGS = (
    *("Host", "JSON", "urlencoded form", "session cookie", "hash of a static file"),
)


def searched(text: str) -> Changes:
    return {"PATH_INFO": "/search", "QUERY_STRING": f"text={text}"}


#: What is not linear, to show that it is found.
BAD = {
    "a search": Entry(_NONE, ("a",), _NONE, searched),
    "a match": Entry(_NONE, ("c",), _NONE, searched),
}

CLASSES: dict[str, type[App]] = {"App": App, "Flask": Flask}
RULES = (
    *("/a/<int:a>/b", "/a/<int:a>/<b>/c", "/path/<path:a>/x", "/float/<float:a>"),
    *("/uuid/<uuid:a>", "/any/<any(a, b):a>", "/html/<a>.html", "/under/<a>/<b>"),
    *("/a/-<a>", "/a/<string(length=2):a>", "/a/<string(maxlength=9):a>/d"),
)


def build(app_class: type[App]) -> App:
    """Return an app that reads whatever enters."""
    app = app_class("entries", static_folder=".", template_folder=".")
    app.secret_key = KEY
    # Limits are tested elsewhere: what is read here has none.
    app.config.update(MAX_CONTENT_LENGTH=None, MAX_FORM_PARTS=None)
    app.config.update(MAX_FORM_MEMORY_SIZE=None)
    for rule in RULES:
        app.add_url_rule(rule, rule, lambda **values: "")
    app.add_url_rule("/", view_func=read, methods=["GET", "POST"])
    for view in (conditional_answer, read_session, choose_template, search):
        app.add_url_rule(f"/{view.__name__}", view_func=view)
    return app


def read() -> str:
    """Read what the test says, and ask it what programs ask."""
    for name in request.environ.get("tests.reads", "").split(","):
        value: Any = getattr(request, name, None)
        if name in {"accept_mimetypes", "accept_languages"}:
            value.best_match(["text/html", "de"])
    return ""


def conditional_answer() -> Response:
    response = make_response("x" * 100)
    response.set_etag("a")
    response.last_modified = 0  # type: ignore[assignment]  # or seconds
    return response.make_conditional(request, True, 100)


def read_session() -> str:
    return str(len(session))


def choose_template() -> str:
    try:
        return render_template([request.args["name"], "missing.html"])
    except TemplateNotFound:
        return ""


def search() -> str:
    """Search for what a request says, in a way that this test is to find."""
    text = request.args["text"]
    return str(re.search("a+b", text) or re.match("(c|c)+d", text))


def ask(app: App, changes: Changes) -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **changes,
    }
    pieces: Iterable[bytes] = app(environ, lambda *args: lambda piece: None)
    for _ in pieces:
        pass
    getattr(pieces, "close", lambda: None)()


def seconds(app: App, changes: Callable[[], Changes]) -> float:
    """Return the processor time of a request, the least of two."""
    taken = []
    for _ in range(2):
        changed = changes()
        begin = time.process_time()
        ask(app, changed)
        taken.append(time.process_time() - begin)
    return min(taken)


def main(class_name: str, name: str, limit: str = "60") -> None:
    """Print what took too long at one entry."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit)))
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    app, entry = build(CLASSES[class_name]), (ENTRIES | BAD)[name]
    ask(app, entry.bring("a"))  # loads what is loaded when it is first used
    for text, make in entry.texts():
        print(json.dumps([text, "does not end"]), flush=True)
        # On a busy machine, caches that others use make one attempt slow, not each.
        slow = all(is_slow(app, entry, make) for _ in range(ATTEMPTS))
        print(json.dumps([text, "slow" if slow else "fine"]), flush=True)


def is_slow(app: App, entry: Entry, make: Callable[[int], str]) -> bool:
    whole = seconds(app, partial(brought, entry, make, LETTERS))
    return whole > FROM_SECONDS and whole > MOST_TIMES * seconds(
        app, partial(brought, entry, make, LETTERS // 2)
    )


def brought(entry: Entry, make: Callable[[int], str], length: int) -> Changes:
    return entry.bring(make(length))


if __name__ == "__main__":
    main(*sys.argv[1:])
