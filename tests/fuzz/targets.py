"""What is fuzzed: readers of text that a client sends, each with what may come of it.

A target takes bytes and returns, or raises what no client may cause. The app of
`served` answers whole requests: whatever comes, the status is one that its view or the
documents name, and no context stays behind.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RoutingException
from werkzeug.test import create_environ, run_wsgi_app

from tantalus import App, current_app, request, send_file, session
from tantalus_http import HostCheck
from tantalus_routing import BuildError, Map, Match, Rule

KEY = "a key of this fuzzer, and of no other"
Target = Callable[[bytes], None]

#: What a request to `served` may be answered with.
STATUSES = {200, 206, 304, 308, 400, 404, 405, 411, 412, 413, 415, 416}


def made_app() -> App:
    """Return an app whose views read all that a client can send."""
    app = App(__name__, static_folder=None)
    app.config.update(SECRET_KEY=KEY, MAX_CONTENT_LENGTH=50_000, MAX_FORM_PARTS=20)

    @app.route("/form", methods=["GET", "POST"])
    def form() -> dict[str, Any]:
        files = {name: file.filename for name, file in request.files.items()}
        return {"form": request.form.to_dict(), "files": files}

    @app.post("/json")
    def json() -> dict[str, Any]:
        return {"json": request.get_json()}

    @app.get("/session")
    def kept() -> str:
        session["seen"] = str(session.get("seen", ""))[:10]
        return request.url

    @app.get("/file")
    def file() -> Any:
        return send_file(io.BytesIO(bytes(100)), "text/plain", etag="tag")

    @app.get("/<int:number>-<word>/<path:rest>")
    def variables(number: int, word: str, rest: str) -> str:
        return f"{number} {word} {rest} {request.args.get('a')}"

    return app


served = made_app()
#: A session cookie that is valid.
COOKIE = (
    served.test_client()
    .get("/session", base_url="http://example.com")
    .headers["Set-Cookie"]
    .partition(";")[0]
    .removeprefix("session=")
    .encode()
)


def ask(**environ: Any) -> None:
    """Send a request, and look at what came of it.

    Raises:
        AssertionError: The status is one that no client may cause, or a context is
            left behind.
    """
    body = environ.pop("body", b"")
    asked = create_environ(
        environ.pop("path", "/"),
        "http://example.com",
        method=environ.pop("method", "GET"),
        input_stream=io.BytesIO(body),
        content_length=len(body),
        content_type=environ.pop("kind", None),
    )
    asked.update(environ)
    _, status, _ = run_wsgi_app(served, asked, buffered=True)
    code = int(status[:3])
    assert code in STATUSES, f"{status}: {environ}"
    assert not current_app, "a context is left behind"


def latin(data: bytes) -> str:
    """Return what a server makes of the bytes of a header."""
    return data.decode("latin-1").translate({10: " ", 13: " ", 0: " "})


def hosts(data: bytes) -> None:
    """The check of hosts: a host of the DNS and a port, or an HTTP error."""
    text = latin(data)
    for strict in (True, False):
        try:
            host = HostCheck(["example.com", ".b.example"], strict=strict).host_of(
                {"wsgi.url_scheme": "http", "HTTP_HOST": text}, bound=True
            )
        except HTTPException:
            continue
        assert host.isascii(), host
        assert not set(host) & set("/@?#\\ "), host
    ask(path="/session", HTTP_HOST=text)


def cookies(data: bytes) -> None:
    """The header Cookie, and the session in it."""
    ask(path="/session", HTTP_COOKIE=latin(data))
    ask(path="/session", HTTP_COOKIE="session=" + latin(data))


def forms(data: bytes) -> None:
    """Urlencoded and multipart forms; the first byte says which, and how cut."""
    kind, body = (data[0], data[1:]) if data else (0, b"")
    name = b"multipart/form-data; boundary=B" if kind & 1 else b""
    ask(
        path="/form",
        method="POST",
        kind=latin(name) or "application/x-www-form-urlencoded",
        body=body,
        **({"wsgi.input_terminated": True} if kind & 2 else {}),
    )


def json(data: bytes) -> None:
    """A body of JSON."""
    ask(path="/json", method="POST", kind="application/json", body=data)


def ranges(data: bytes) -> None:
    """Range, If-Range and the other conditions, with a line each."""
    names = ("RANGE", "IF_RANGE", "IF_NONE_MATCH", "IF_MATCH", "IF_MODIFIED_SINCE")
    lines = data.split(b"\n")
    headers = {f"HTTP_{n}": latin(v) for n, v in zip(names, lines, strict=False)}
    ask(path="/file", **headers)


def paths(data: bytes) -> None:
    """The path and the query of a request."""
    path, _, query = data.partition(b"?")
    ask(PATH_INFO="/" + latin(path), QUERY_STRING=latin(query))


def rules(data: bytes) -> None:
    """A rule, a path to match, and the URL that is built of what matched."""
    rule, _, path = data.decode(errors="replace").partition("\n")
    try:
        url_map = Map([Rule("/" + rule, endpoint="it")], round_trip=True)
    except (ValueError, LookupError):
        return
    try:
        result = url_map.match("GET", "/" + path, "example.com")
    except HTTPException:
        return
    if type(result) is not Match:
        return
    try:
        built = url_map.build("it", dict(result.args)).path
    except (BuildError, RoutingException):
        return
    assert built.startswith("/"), built


#: Each target, and texts to begin with.
TARGETS: dict[str, tuple[Target, list[bytes]]] = {
    "hosts": (hosts, [b"example.com", b"a.b.example:8080", b"[::1]:5000", b"web_app"]),
    "cookies": (cookies, [b"session=" + COOKIE, COOKIE, b'a="b"; c=d']),
    "forms": (
        forms,
        [
            b"\x00a=1&b=%C3%A9",
            b'\x01--B\r\nContent-Disposition: form-data; name="a"\r\n'
            b"\r\n1\r\n--B--\r\n",
            b'\x03--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n'
            b"Content-Type: text/plain\r\n\r\nx\r\n--B--\r\n",
        ],
    ),
    "json": (json, [b'{"a": [1, 2.5, null, "\\u00e9"]}', b"[NaN]", b"1e400"]),
    "ranges": (ranges, [b"bytes=0-3,5-6", b'bytes=-5\n"tag"', b'\n\nW/"tag", "b"']),
    "paths": (paths, [b"1-a/b/c?a=b", b"%2e%2e//x", b"form?a=%FF"]),
    "rules": (
        rules,
        [
            b"<int(min=1):a>-<b>/<path:c>/\n5-x/y/z/",
            b"<any(a, 'b'):x>.<float:y>\na.1.5",
            b"<string(length=2):x>\nab",
        ],
    ),
}
