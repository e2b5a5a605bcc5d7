"""Requests of all kinds to an app with everything on, by WSGI and by ASGI.

    python tests/fuzz/everything.py --seconds 60 --seed 1

Each request goes to both faces. Nothing may be raised, no error of the app may be
behind an answer, each status has to be one that is documented, both faces have to
agree, and no context may be left. What fails is printed with the request, and the seed
makes it again.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote_from_bytes

from tantalus import (
    App,
    conditional,
    render_template_string,
    request,
    send_from_directory,
    session,
    stream_template_string,
)
from tantalus.signals import got_request_exception
from tantalus_http import CrossOrigin, SecurityHeaders

DOCUMENTED = {200, 204, 206, 304, 308, 400, 403, 404, 405, 411, 412, 413, 415, 416}
METHODS = ["GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "OPTIONS"]
METHODS += ["PATCH", "TRACE", "CONNECT", "post", "FROB", "G=T"]
PATHS = [b"/", b"/form", b"/json", b"/hook", b"/session", b"/page", b"/stream"]
PATHS += [b"/file/a.txt", b"/file/../a", b"/file/none", b"/item/1", b"/item/x"]
PATHS += [b"/open", b"/named", b"/slash", b"/slash/", b"/none", b"//evil", b"/\xff"]
PATHS += [b"/item/99999999999999999999", b"/live", b"", b"*", b"/static/x"]
HOSTS = ["shop.example", "SHOP.example:443", "[::1]:80", "a b", "", "evil@shop.example"]
ORIGINS = [
    "https://shop.example",
    "http://shop.example",
    "https://evil.example",
    "null",
]
ORIGINS += ["https://pay.example", "https://evil@shop.example", "HTTPS://SHOP.EXAMPLE"]
ORIGINS += [
    "https://shop.example:443",
    "https://[::1]",
    "https://[",
    "",
    "*",
    "a" * 999,
]
ORIGINS += [
    "https://shop.example, https://evil.example",
    "https://xn--",
    "https://\xfc",
]
DATES = ["Sun, 06 Nov 1994 08:49:37 GMT", "yesterday", "Sun, 06 Nov 9" + "9" * 20, ""]
TAGS = ['"a"', 'W/"a"', "*", '"b", "a"', "a", '"', ",,", "W/", '"\xff"']
VALUES: dict[str, list[str]] = {
    "host": HOSTS,
    "origin": ORIGINS,
    "sec-fetch-site": ["same-origin", "same-site", "cross-site", "none", "", "weird"],
    "access-control-request-method": ["GET", "PUT", "put", "", "FROB", "G T", "\xff"],
    "access-control-request-headers": ["content-type", "x-key, x", ",,", "\xff", ""],
    "if-match": TAGS,
    "if-none-match": TAGS,
    "if-modified-since": DATES,
    "if-unmodified-since": DATES,
    "if-range": TAGS + DATES,
    "range": [
        "bytes=0-1",
        "bytes=9-",
        "bytes=-3",
        "bytes=0-0,2-3",
        "lines=1",
        "bytes=",
    ],
    "cookie": ["session=x", "session=eyJhIjoxfQ.x.y", "a=b; c", ";;", "\xff=\xff"],
    "authorization": ["Basic YTpi", "Bearer x", "", "Digest", "Basic \xff"],
    "upgrade": ["websocket", "h2c", ""],
    "connection": ["upgrade", "keep-alive, Upgrade"],
    "content-type": [
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data; boundary=B",
        "multipart/form-data",
        "text/plain; charset=\xff",
        "",
    ],
    "accept": ["*/*", "text/html;q=x", "\xff", " " * 70],
    "referer": ["https://evil.example/x"],
    "x-forwarded-proto": ["https"],
}
BODIES = [b"", b"a=1&b=2", b'{"a": 1}', b"[NaN]", b"\xff\xfe", b"[" * 2_000, b"a=%ff"]
BODIES += [
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--\r\n',
    b"--B",
]


class Asked(NamedTuple):
    """One request, as a client sends it."""

    scheme: str
    method: str
    path: bytes
    query: bytes
    headers: list[tuple[str, str]]
    body: bytes


def asked_by(chance: random.Random) -> Asked:
    """Return any request."""
    names = chance.sample(list(VALUES), chance.choice([0, 1, 2, 3, 5, 9]))
    headers = [("host", chance.choice(HOSTS[:2]))] if "host" not in names else []
    for name in names:
        value = chance.choice(VALUES[name])
        if chance.random() < 0.1:
            cut = chance.randrange(len(value) + 1)
            value = value[:cut] + chr(chance.randrange(32, 256)) + value[cut:]
        headers.append((name, value.strip()))
    method = chance.choice(METHODS)
    body = chance.choice(BODIES) if method.upper() in {"POST", "PUT", "PATCH"} else b""
    if body:
        headers.append(("content-length", str(len(body))))
    path, query = (
        chance.choice(PATHS),
        chance.choice([b"", b"", b"a=1", b"a=\xff", b"&&"]),
    )
    return Asked(chance.choice(["http", "https"]), method, path, query, headers, body)


def made(folder: Path) -> App:
    """Return an app with all that decides by headers, switched on."""
    app = App("shop")
    named = CrossOrigin(["https://pay.example"], credentials=True, headers=["X-Key"])
    app.config.update(
        SECRET_KEY="619f5dfed3ca18e8ed2472104e8632886bf8fa42ce46171e",
        TRUSTED_ORIGINS=["https://pay.example"],
        CORS=True,
        SECURITY_HEADERS=SecurityHeaders(
            csp={"default-src": "'self'", "script-src": "'nonce'"}
        ),
    )
    script = '<script nonce="{{ csp_nonce() }}">1</script>'
    both = ["GET", "POST", "PUT"]
    add = app.add_url_rule
    add("/", "index", lambda: "Hello.")
    add("/form", "form", lambda: str(len(request.form)), methods=["POST"])
    add("/json", "json", lambda: {"got": request.get_json()}, methods=["POST", "PUT"])
    add("/hook", "hook", lambda: request.get_data(), methods=both, cross_site=True)
    add("/page", "page", lambda: render_template_string(script), methods=both)
    add("/stream", "stream", lambda: stream_template_string(script))
    add("/open", "open", lambda: "", methods=both, cors=CrossOrigin("*"))
    add("/named", "named", lambda: "", methods=both, cors=named)
    add("/slash/", "slash", lambda: "", methods=both)
    add("/live", "live", lambda: "", websocket=True)

    @app.get("/session")
    def count() -> str:
        session["seen"] = session.get("seen", 0) + 1
        return str(session["seen"])

    @app.get("/file/<path:name>")
    @conditional(etag=lambda name: "a", modified=784_111_777)
    def file(name: str) -> Any:
        return send_from_directory(folder, name)

    @app.route("/item/<int:number>", methods=["GET", "PUT", "DELETE"])
    @conditional(etag=lambda number: "a" if number == 1 else None)
    def item(number: int) -> dict[str, int]:
        return {"number": number}

    return app


def ask_wsgi(app: App, asked: Asked) -> int:
    """Ask by WSGI, read the answer to its end, and return the status."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": asked.path.decode("latin1"),
        "QUERY_STRING": asked.query.decode("latin1"),
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": asked.scheme,
        "wsgi.input": BytesIO(asked.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in asked.headers:
        key = name.upper().replace("-", "_")
        prefix = "" if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_"
        environ[prefix + key] = value
    started: list[str] = []

    def start_response(status: str, headers: Any, error: Any = None) -> Any:
        started.append(status)
        return None

    body = app(environ, start_response)
    for _ in body:
        pass
    close = getattr(body, "close", None)
    if close is not None:
        close()
    (status,) = started
    return int(status[:3])


async def ask_asgi(app: App, asked: Asked) -> int:
    """Ask by ASGI, and return the status."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": asked.scheme,
        "path": asked.path.decode(errors="replace"),
        "raw_path": quote_from_bytes(asked.path, safe="/*").encode(),
        "query_string": asked.query,
        "root_path": "",
        "headers": [(n.encode(), v.encode("latin1")) for n, v in asked.headers],
        "server": ("shop.example", 443),
        "client": ("192.0.2.1", 50_000),
    }
    waiting = [{"type": "http.request", "body": asked.body, "more_body": False}]
    started: list[int] = []
    ended = asyncio.Event()

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(message["status"])
        elif not message.get("more_body"):
            ended.set()

    await app(scope, receive, send)
    assert ended.is_set()
    (status,) = started
    return status


def fuzz(seed: int, seconds: float, most: int) -> tuple[Counter[int], list[str]]:
    """Ask until the time is over; return the count of each status, and what failed."""
    chance, statuses, failed = random.Random(seed), Counter[int](), list[str]()
    errors: list[BaseException] = []
    with TemporaryDirectory() as name:
        Path(name, "a.txt").write_text("0123456789")
        app = made(Path(name))
        app.logger.disabled = True

        def note(sender: App, exception: BaseException, **more: Any) -> None:
            errors.append(exception)

        async def ask_all() -> None:
            end = time.monotonic() + seconds
            while time.monotonic() < end and sum(statuses.values()) < most:
                asked = asked_by(chance)
                try:
                    by_wsgi = ask_wsgi(app, asked)
                    by_asgi = await ask_asgi(app, asked)
                except Exception as error:
                    errors.append(error)
                    by_wsgi = by_asgi = 0
                statuses[by_wsgi] += 1
                statuses[by_asgi] += 1
                left = app.context_probe()
                if errors or left or by_wsgi != by_asgi or by_wsgi not in DOCUMENTED:
                    failed.append(f"{asked} {by_wsgi} {by_asgi} {left} {errors!r}")
                    errors.clear()

        with got_request_exception.connected_to(note, app):
            asyncio.run(ask_all())
    return statuses, failed


def main() -> int:
    """Print what came, and return the exit code for the shell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--most", type=int, default=10**9, help="answers in all")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    statuses, failed = fuzz(options.seed, options.seconds, options.most)
    print(
        f"seed {options.seed}: {sum(statuses.values()):,} answers, {len(failed)} wrong"
    )
    print(dict(sorted(statuses.items())))
    print(*failed[:20], sep="\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
