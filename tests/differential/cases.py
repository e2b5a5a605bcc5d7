"""The product of requests that both apps are asked, and the configurations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from werkzeug.datastructures import MultiDict

from subject import App, Framework

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS")

_PATHS = """
    / /get /post /options /bytes /json /list /jsonify /empty /status /text-status
    /headers /triple /no-content /not-modified /iterator /generator /none /number
    /tuple /dict-status /response /wsgi /u/1 /u/-1 /u/x /u/1/ /u/ /two/a/1.5 /two/a/x
    /p/a/b /p/a//b /any/a /any/c /uuid/12345678-1234-5678-1234-567812345678 /uuid/x
    /slash/ /slash /slash// /loose /loose/ /defaults /defaults/1 /defaults/2 /moved
    /args /args?a=1&b=2&a=3 /args?a=%ff&b /arg /arg?a=1 /form /field /file /data
    /json-data /data-form /uncached /stream-data
    /read-json /silent /values?a=1 /cookies /abort /abort-text /abort-response /teapot
    /retry /redirect /redirect-far /url /url-missing /request /request?x=%C3%B6
    /session /session/in /session/write /session/permanent /session/clear /flash
    /flashed /template /stream /stream-template /after-this /send /cookie /raise /fail
    /outer/ /outer/abort /outer/inner/ /outer/inner/abort /outer/inner/missing
    /outer/inner/nowhere /outer /en/page/ /nowhere /static/missing.css
    /static/../subject.py //get /get// /%2e%2e/get /sm%C3%B6r /%ff
    /abort-basic /abort-range /abort-methods /abort-own /abort-shared
    /slash?a=b&c=%C3%B6 /slash?%22%3Cx%3E /outer?next=/a//b /defaults/1?q=%20+
    /odd%20n%C3%B6me/%22q%22 /odd%20n%C3%B6me/a%2Fb?x='y' /odd%20n%C3%B6me//x
    /static/plain.txt /static/plain.txt?v=1 /static/a%20b.css /static/archive.tar.gz
    /static/empty.bin /static/ /static /static//plain.txt /static/%2e%2e/subject.py
    /sent/plain.txt /sent/missing.txt /sent/../cases.py /sent-as/plain.txt
"""
# Where the view of `/to` redirects to.
_TARGETS = """
    /a/b?c=d#e / // //other.org/x /a//b ?only=query #fragment relative/path . ..
    http://other.org http://other.org:80/ http://Other.ORG:8080/a?b https://user@h/ü
    http://user:p%40ss@other.org/ http://bücher.example/ä?ö=ü#ß http://[::1]:8000/x
    http://a..b/ mailto:a@b.c javascript:alert(1) /quote"'<>&;/x /sp%20ce/a%2520b
    /%C3%B6%ff /tab%09x /back%5Cslash /{curly}|^`~ /semi;colon=1,2 /a?b=c?d=e#f#g
    http://h:0/ http://h:99999/ http://h?x http://h#y /nl%0Ax
"""
PATHS = (
    "",
    *_PATHS.split(),
    *(f"/to?u={quote(unquote(target), safe='')}" for target in _TARGETS.split()),
)
_BODY_PATHS = """
    /form /field /file /data /read-json /silent /values?a=1 /args /arg?a=1 /json-data
    /data-form /uncached /stream-data
"""
BODY_PATHS = tuple(_BODY_PATHS.split())

# A session cookie is made by the test, with a fresh time; `{…}` names which.
COOKIES = (
    None,
    "",
    "a=1",
    "a=1; b=2; a=3",
    'q="x y\\"z"',
    "session=",
    "session=garbage",
    "session=a.b.c",
    "session={user}",
    "session={permanent}",
    "session={flashes}",
    "session={user}; session=garbage",
    "other=1; session={user}; more=2",
    "session={user}x",
    "SESSION={user}; =; ;;",
)

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = (
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\n\r\n'
    b"file\r\n--B--\r\n"
)

#: (content type, body)
BODIES: tuple[tuple[str | None, bytes], ...] = (
    (None, b""),
    ("text/plain", b"text"),
    (FORM, b"a=1&b=2&a=3"),
    (FORM, b"a=%ff&b=%C3%B6&&=&c"),
    (FORM, b"\xff"),
    (FORM + "; charset=latin-1", b"%61=%F0%9F&a=+%2B+&\xc3\xb6=%c3%b6&a=%zz%"),
    (FORM.title(), b"a=1&a=\xf0\x9f\x98\x80&a==2;b=3"),
    (None, b"a=1"),
    ("application/x-url-encoded", b"a=1"),
    (JSON, b'{"a": [1, 2.5, null, "\xc3\xb6"]}'),
    (JSON, b"{"),
    (JSON, b""),
    (JSON, b"\xff"),
    ("application/vnd.own+json; charset=utf-8", b"[1]"),
    (JSON + "; charset=utf-16", '[{"a": "\u00f6"}]'.encode("utf-16")),
    (JSON, b' {"a": NaN, "a": 1e999} '),
    ("multipart/form-data; boundary=B", MULTIPART),
    ("multipart/form-data; boundary=C", MULTIPART),
    ("multipart/form-data", MULTIPART),
)

#: Changes to the environ; None takes a key out.
ENVIRONS: tuple[dict[str, Any], ...] = (
    {},
    {"HTTP_HOST": "example.org:8080"},
    {"HTTP_HOST": "evil example"},
    {"HTTP_HOST": "a..b"},
    {"HTTP_HOST": None},
    {"SCRIPT_NAME": "/mount"},
    {"wsgi.url_scheme": "https", "SERVER_PORT": "443"},
    {"HTTP_IF_NONE_MATCH": '"tag"', "HTTP_RANGE": "bytes=2-4"},
    {"HTTP_RANGE": "bytes=2-4"},
    {"HTTP_RANGE": "bytes=-3", "HTTP_IF_RANGE": "Sun, 01 Jan 2040 00:00:00 GMT"},
    {"HTTP_RANGE": "bytes=9000-"},
    {"HTTP_IF_MODIFIED_SINCE": "Sun, 01 Jan 2040 00:00:00 GMT"},
    {"HTTP_IF_MATCH": '"other"'},
    {"HTTP_ACCEPT": "application/json", "HTTP_X_FORWARDED_FOR": "1.2.3.4"},
    {"HTTP_CONNECTION": "Upgrade", "HTTP_UPGRADE": "websocket"},
    {"CONTENT_LENGTH": "garbage"},
    {"CONTENT_LENGTH": None},
    {"CONTENT_LENGTH": ""},
    {"CONTENT_LENGTH": "3"},
    {"CONTENT_LENGTH": " 3"},
    {"CONTENT_LENGTH": "-3"},
    {"CONTENT_LENGTH": "999"},
    {"CONTENT_LENGTH": "9" * 5000},
    {"CONTENT_LENGTH": None, "wsgi.input_terminated": True},
    {"CONTENT_LENGTH": "999", "wsgi.input_terminated": True},
    {"wsgi.input_terminated": True},
    {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True},
    {"HTTP_TRANSFER_ENCODING": "chunked"},
    {"QUERY_STRING": "a=\xc3\xb6&a=+&&b&=%ff&%61=%C3"},
    {"QUERY_STRING": "a=\xff"},
    {"REQUEST_METHOD": "get"},
    {"REMOTE_ADDR": None, "HTTP_COOKIE": "a=\xff"},
)

Configure = Callable[[App, Framework], None]


def setting(**settings: Any) -> Configure:
    """Return what sets these settings."""

    def configure(app: App, framework: Framework) -> None:
        app.config.update(settings)

    return configure


def _own_classes(app: App, framework: Framework) -> None:
    class OwnRequest(framework.Request):  # type: ignore[misc, name-defined]  # of either one
        @property
        def blueprints(self) -> list[str]:
            return list(super().blueprints)

    class OwnResponse(framework.Response):  # type: ignore[misc, name-defined]  # idem
        default_mimetype = "text/x-own"

    app.request_class = OwnRequest
    app.response_class = OwnResponse


def _own_reading(app: App, framework: Framework) -> None:
    class OwnRequest(framework.Request):  # type: ignore[misc, name-defined]  # of either one
        parameter_storage_class = MultiDict

        def on_json_loading_failed(self, error: Exception | None) -> Any:
            return {"failed": type(error).__name__}

    app.request_class = OwnRequest


def _handlers(app: App, framework: Framework) -> None:
    app.register_error_handler(404, lambda error: (f"handled {error.code}", 404))
    app.register_error_handler(500, lambda error: ("handled 500", 500))
    app.register_error_handler(400, lambda error: {"error": error.description})
    app.register_error_handler(405, lambda error: error)


def _catch_all(app: App, framework: Framework) -> None:
    app.register_error_handler(Exception, lambda error: (type(error).__name__, 500))


def _answering_hooks(app: App, framework: Framework) -> None:
    def before() -> str | None:
        return "stopped" if framework.request.args.get("a") else None

    def after(response: Any) -> Any:
        response.headers["X-Length"] = str(response.content_length)
        return response

    app.before_request(before)
    app.after_request(after)


def _middleware(app: App, framework: Framework) -> None:
    inner = app.wsgi_app

    def outer(environ: dict[str, Any], start_response: Any) -> Any:
        environ["HTTP_X_MIDDLEWARE"] = "1"
        return inner(environ, start_response)

    app.wsgi_app = outer


def _url_defaults(app: App, framework: Framework) -> None:
    app.url_defaults(lambda endpoint, values: values.setdefault("added", "1"))
    app.context_processor(lambda: {"a": "processor", "mark": "mark"})


CONFIGURATIONS: dict[str, Configure] = {
    "defaults": setting(),
    "testing": setting(TESTING=True),
    "debug": setting(DEBUG=True, PROPAGATE_EXCEPTIONS=False),
    "no key": setting(SECRET_KEY=None),
    "strict cookies": setting(
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=False,
        SESSION_COOKIE_PATH="/x",
        SESSION_COOKIE_DOMAIN="example.org",
        SESSION_REFRESH_EACH_REQUEST=False,
    ),
    "limits": setting(MAX_CONTENT_LENGTH=12, MAX_FORM_PARTS=1, MAX_FORM_MEMORY_SIZE=3),
    "server name": setting(SERVER_NAME="example.org:8080", APPLICATION_ROOT="/root"),
    "trusted hosts": setting(TRUSTED_HOSTS=["localhost", ".example.org"]),
    "trap": setting(TRAP_BAD_REQUEST_ERRORS=True, TRAP_HTTP_EXCEPTIONS=True),
    "own classes": _own_classes,
    "own reading": _own_reading,
    "handlers": _handlers,
    "catch all": _catch_all,
    "answering hooks": _answering_hooks,
    "middleware": _middleware,
    "url defaults": _url_defaults,
    "fallback keys": setting(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["a key for both"]),
}
