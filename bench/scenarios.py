"""What is asked of every framework, and which answer is right."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIEnvironment

from itsdangerous import URLSafeTimedSerializer

from asking import Answer

SITE = Path(__file__).parent / "site"
SECRET_KEY = "a secret key of the bench, 32 bytes at least"
PAYLOAD = {
    "user_id": 42,
    "csrf_token": "0123456789abcdef0123456789abcdef01234567",
    "name": "Ada",
}
BOUNDARY = "0123456789abcdef"
MEGABYTE = 1_000_000
FORM = "application/x-www-form-urlencoded"

JSON_ROWS = [
    {
        "id": number,
        "name": f"row {number}",
        "price": number * 1.25,
        "active": number % 3 == 0,
        "tags": ["first", "second"],
    }
    for number in range(50)
]

# Returns whether this body is right.
Judge = Callable[[bytes], bool]


@dataclass(frozen=True)
class Scenario:
    """One request, and what a right answer has.

    `path` may name `{last}`, the number of the dynamic rule that was registered last.
    `headers` are texts that must be contained in the header of that name, and
    `without` is a header that must not be sent. With `users`, each request has the
    session cookie of the next of so many.
    """

    name: str
    path: str
    right: Judge
    status: int = 200
    method: str = "GET"
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    users: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    without: str = ""

    def environ_maker(self, routes: int) -> Callable[[], WSGIEnvironment]:
        """Return a function that makes the environ of one such request."""
        environ = {
            **ENVIRON,
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path.format(last=last_dynamic(routes)),
            "QUERY_STRING": self.query,
        }
        cookies = cycle(f"theme=dark; session={text}" for text in signed(self.users))
        if self.method == "POST":
            environ["CONTENT_TYPE"] = self.content_type
            environ["CONTENT_LENGTH"] = str(len(self.body))

        def make() -> WSGIEnvironment:
            made = {**environ, "wsgi.input": io.BytesIO(self.body)}
            if self.users:
                made["HTTP_COOKIE"] = next(cookies)
            return made

        return make

    def fault(self, answer: Answer) -> str | None:
        """Return what is wrong with an answer, or None."""
        if answer.status != self.status:
            return f"status {answer.status} and not {self.status}"
        for name, text in self.headers.items():
            if text not in answer.headers.get(name, ""):
                return f"no {text!r} in the header {name}"
        if self.without and self.without in answer.headers:
            return f"a header {self.without}"
        return None if self.right(answer.body) else f"the body {answer.body[:60]!r}"


def exactly(text: str) -> Judge:
    """Judge by the whole body."""
    expected = text.encode()
    return lambda body: body == expected


def containing(*texts: str) -> Judge:
    """Judge by what stands in the body, the markup of which is the framework's."""
    expected = [text.encode() for text in texts]
    return lambda body: all(text in body for text in expected)


def as_json(value: Any) -> Judge:
    """Judge by the value that the body holds, spaces and order being free."""

    def judge(body: bytes) -> bool:
        try:
            return bool(json.loads(body) == value)
        except ValueError:
            return False

    return judge


def rows_of_template(body: bytes) -> bool:
    """Judge the page of 100 rows by all rows, escaped, and by what is inherited."""
    rows = [f"<td>{number}<td>&lt;row {number}&gt;" for number in range(100)]
    return containing("<title>Rows - Site</title>", "<footer>Ada", *rows)(body)


def last_dynamic(routes: int) -> int:
    """Return the number of the dynamic rule that is registered last of so many."""
    return (routes - 1) // 2 - 1


def fillers(routes: int) -> list[tuple[int, bool]]:
    """Return `(number, dynamic)` of the rules that stand around the scenario's own.

    Half are static, `/page7`, half have a variable, `/item7/<name>`.
    """
    count = (routes - 1) // 2
    return [(number, kind) for number in range(count) for kind in (False, True)]


def signed(users: int) -> list[str]:
    """Return the cookie values of so many users, as Flask signs them."""
    serializer = URLSafeTimedSerializer(
        SECRET_KEY,
        salt="cookie-session",
        signer_kwargs={"key_derivation": "hmac"},
    )
    sessions = ({**PAYLOAD, "name": f"Ada {user}"} for user in range(users))
    return [str(serializer.dumps(session)) for session in sessions]


def multipart(name: str, content: bytes) -> bytes:
    """Return a form with one file in it (RFC 7578)."""
    head = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="some.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


class Silence(io.StringIO):
    """An error stream that forgets."""

    def write(self, text: str, /) -> int:
        """Take the text for written."""
        return len(text)


# What a browser sends, in the form of a server on one machine.
ENVIRON: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_SOFTWARE": "bench",
    "REMOTE_ADDR": "127.0.0.1",
    "REMOTE_PORT": "50123",
    "HTTP_HOST": "127.0.0.1:8000",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "en,de;q=0.7",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
    "HTTP_CONNECTION": "keep-alive",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": Silence(),
    "wsgi.multithread": False,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}

SCENARIOS = {
    scenario.name: scenario
    for scenario in [
        Scenario("text", "/hello", exactly("Hello, world!")),
        Scenario("coroutine view", "/awaited", exactly("Hello, world!")),
        Scenario("json", "/json", as_json({"message": "Hello", "numbers": [1, 2, 3]})),
        Scenario("dict", "/dict", as_json({"message": "Hello", "numbers": [1, 2, 3]})),
        Scenario(
            "two variables", "/user/17/post/first-words", exactly("17 first-words")
        ),
        Scenario("last rule", "/item{last}/ada", exactly("ada")),
        Scenario("query", "/search", exactly("blue sky"), query="q=blue+sky&page=2"),
        Scenario(
            "form",
            "/form",
            exactly("Ada from London"),
            method="POST",
            body=b"name=Ada&city=London&note=some+more+text",
            content_type=FORM,
        ),
        Scenario(
            "json in, json out",
            "/sum",
            as_json({"sum": 6, "name": "Ada"}),
            method="POST",
            body=b'{"name": "Ada", "numbers": [1, 2, 3]}',
            content_type="application/json",
        ),
        Scenario("json of 50 rows", "/items", as_json({"items": JSON_ROWS})),
        Scenario("50 rows, orjson", "/items", as_json({"items": JSON_ROWS})),
        Scenario("url_for", "/link", exactly("/user/17/post/first-words")),
        Scenario(
            "small template",
            "/small",
            containing("<h1>Hello Ada</h1><p>&lt;Good day&gt;</p>"),
        ),
        Scenario("template of 100 rows", "/rows", rows_of_template),
        Scenario("404", "/nowhere/at/all", containing("Not Found"), status=404),
        Scenario(
            "405",
            "/hello",
            containing("Method Not Allowed"),
            status=405,
            method="DELETE",
            headers={"allow": "GET"},
        ),
        Scenario(
            "options", "/hello", exactly(""), method="OPTIONS", headers={"allow": "GET"}
        ),
        Scenario("head", "/hello", exactly(""), method="HEAD"),
        Scenario(
            "slash redirect",
            "/folder",
            containing("/folder/"),
            status=308,
            headers={"location": "/folder/"},
        ),
        Scenario(
            "redirect(url_for)",
            "/away",
            lambda body: True,
            status=302,
            headers={"location": "/user/17/post/first-words"},
        ),
        Scenario("abort, handler", "/forbidden", exactly("Not for you"), status=403),
        Scenario("exception, handler", "/broken", exactly("Sorry"), status=500),
        Scenario("tuple", "/created", exactly("Created"), status=201),
        Scenario("header set", "/header", exactly("Hello"), headers={"x-token": "abc"}),
        Scenario("7 hooks", "/hello", exactly("Ada"), headers={"x-after": "1"}),
        Scenario("7 busy hooks", "/hello", exactly("3"), headers={"x-after": "2"}),
        Scenario(
            "blueprint hooks", "/shop/cart", exactly("Ada"), headers={"x-after": "1"}
        ),
        Scenario(
            "session ignored",
            "/hello",
            exactly("Hello, world!"),
            users=1,
            without="set-cookie",
        ),
        Scenario(
            "session read",
            "/session",
            exactly("42"),
            users=1,
            headers={"vary": "Cookie"},
            without="set-cookie",
        ),
        Scenario(
            "session read, other users",
            "/session",
            exactly("42"),
            users=1_000,  # more than are remembered
            headers={"vary": "Cookie"},
            without="set-cookie",
        ),
        Scenario(
            "session written",
            "/session",
            exactly("written"),
            users=1,
            method="POST",
            headers={"vary": "Cookie", "set-cookie": "session="},
        ),
        Scenario(
            "static file",
            "/static/ten_kilobytes.txt",
            lambda body: body == (SITE / "static/ten_kilobytes.txt").read_bytes(),
        ),
        Scenario(
            "upload of 1 MB",
            "/upload",
            exactly(str(MEGABYTE)),
            method="POST",
            body=multipart("file", bytes(range(250)) * (MEGABYTE // 250)),
            content_type=f"multipart/form-data; boundary={BOUNDARY}",
        ),
    ]
}
