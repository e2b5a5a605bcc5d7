from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import werkzeug.test
from fakes import FakeApp
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Request, Response

from tantalus_testing import (
    Client,
    ClientClosedError,
    CookiesDisabledError,
    EnvironBuilder,
    NestedClientError,
)


@pytest.fixture
def client() -> Client:
    return Client(FakeApp())


def show(request: Request) -> Response:
    """Answer with where the request comes from and what it carries."""
    return Response(
        f"{request.remote_addr} {request.user_agent} {request.headers.get('Cookie')}"
    )


def fail(request: Request) -> Response:
    raise ZeroDivisionError


def log_in(request: Request) -> Response:
    response = Response("in")
    response.set_cookie("user", request.args["user"])
    return response


# Requests


@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
)
def test_each_method_has_a_shortcut(client: Client, method: str) -> None:
    response = getattr(client, method.lower())("/a")

    assert response.text == f"{method} http://localhost/a"


def test_a_head_request_is_one(client: Client) -> None:
    assert client.head("/a").request.method == "HEAD"


def test_any_wsgi_callable_will_do() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("201 Created", [("Content-Type", "text/plain"), ("X-A", "1")])
        return [environ["PATH_INFO"].encode(), b"!"]

    response = Client(app).get("/hello")

    assert response.status == "201 Created"
    assert response.headers["X-A"] == "1"
    assert response.data == b"/hello!"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ({"query_string": {"a": "1"}}, "GET http://localhost/x?a=1"),
        ({"base_url": "https://a.example/r"}, "GET https://a.example/r/x"),
        ({"subdomain": "www"}, "GET http://www.localhost/x"),
        ({"url_scheme": "https"}, "GET https://localhost/x"),
        ({"data": "text"}, "GET http://localhost/x text"),
        ({"json": {"a": 1}}, 'GET http://localhost/x {"a": 1}'),
        ({"data": {"a": "1"}, "method": "PUT"}, "GET http://localhost/x a=1"),
        ({"input_stream": BytesIO(b"in")}, "GET http://localhost/x in"),
    ],
)
def test_a_request_can_say_more(
    client: Client, call: dict[str, Any], text: str
) -> None:
    assert client.get("/x", **call).text == text


def test_files_are_sent_as_a_multipart_form() -> None:
    def names(request: Request) -> Response:
        with request:
            file = request.files["file"]
            return Response(f"{file.filename} {file.read()!r} {request.form['title']}")

    response = Client(FakeApp({"/": names})).post(
        "/", data={"file": (BytesIO(b"x"), "a.txt"), "title": "t"}
    )

    assert response.text == "a.txt b'x' t"


def test_a_file_is_closed_with_its_request(client: Client) -> None:
    file = FileStorage(BytesIO(b"x"), "a.txt")

    client.post("/", data={"file": file})

    assert file.stream.closed


def test_credentials_become_a_header() -> None:
    def who(request: Request) -> Response:
        assert request.authorization is not None
        return Response(f"{request.authorization.username}")

    assert Client(FakeApp({"/": who})).get("/", auth=("ada", "secret")).text == "ada"


@pytest.mark.parametrize(
    "arguments",
    [("/a?b=1",), ("/a", "http://localhost/", None, None, {"b": "1"}), ()],
    ids=["a path", "what the builder takes", "nothing"],
)
def test_positional_arguments_are_those_of_the_builder(
    client: Client, arguments: tuple[Any, ...]
) -> None:
    given: dict[str, Any] = {} if arguments else {"path": "/a?b=1"}

    assert client.open(*arguments, **given).text == "GET http://localhost/a?b=1"


def test_a_path_given_twice_is_refused(client: Client) -> None:
    with pytest.raises(TypeError, match="path"):
        client.get("/a", path="/b")


def test_a_builder_a_dict_and_a_request_can_be_opened(client: Client) -> None:
    builder = EnvironBuilder(client.application, "/a?b=1", method="PUT")
    environ = builder.get_environ()

    assert client.open(builder).text == "PUT http://localhost/a?b=1"
    assert client.open(environ).text == "PUT http://localhost/a?b=1"
    assert client.open(Request(environ)).text == "PUT http://localhost/a?b=1"


def test_what_is_opened_is_left_as_it_was(client: Client) -> None:
    builder = werkzeug.test.EnvironBuilder("/")
    environ = builder.get_environ()
    before = dict(environ)

    client.open(builder)
    client.open(environ)

    assert builder.environ_base is None
    assert environ == before


def test_each_request_starts_from_the_environ_base() -> None:
    client = Client(FakeApp({"/": show}))
    version = importlib.metadata.version("werkzeug")

    assert client.get("/").text == f"127.0.0.1 Werkzeug/{version} None"
    client.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    client.environ_base["HTTP_USER_AGENT"] = "tests"
    assert client.get("/").text == "10.0.0.1 tests None"
    assert client.open(EnvironBuilder(None, "/")).text == "10.0.0.1 tests None"


def test_one_request_can_override_the_environ_base() -> None:
    client = Client(FakeApp({"/": show}))

    response = client.get(
        "/", environ_base={"REMOTE_ADDR": "10.0.0.2"}, headers={"User-Agent": "mine"}
    )

    assert response.text == "10.0.0.2 mine None"


def test_what_the_app_does_to_the_environ_stays_in_the_request() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ["REMOTE_USER"] = environ["PATH_INFO"] = "changed"
        start_response("200 OK", [])
        return []

    response = Client(app).get("/")

    assert "REMOTE_USER" not in response.request.environ
    assert response.request.path == "/"


# Responses


def test_a_response_knows_its_request(client: Client) -> None:
    response = client.post("/a", data="x")

    assert response.request.method == "POST"
    assert response.request.path == "/a"
    assert response.history == ()


def test_a_json_response_is_decoded() -> None:
    def data(request: Request) -> Response:
        return Response('{"a": [1]}', mimetype="application/json")

    assert Client(FakeApp({"/": data})).get("/").json == {"a": [1]}


def test_the_json_decoder_of_the_app_is_used() -> None:
    class AppWithJSON(FakeApp):
        json = SimpleNamespace(loads=lambda text: ["decoded", text])

    def data(request: Request) -> Response:
        return Response("1", mimetype="application/json")

    assert Client(AppWithJSON({"/": data})).get("/").json == ["decoded", b"1"]


def test_responses_are_of_the_class_asked_for() -> None:
    class Own(Response):
        def shout(self) -> str:
            return self.get_data(as_text=True).upper()

    response = Client(FakeApp(), Own).get("/")

    assert isinstance(response, Own)
    assert response.shout() == "GET HTTP://LOCALHOST/"


def test_a_response_class_for_tests_is_taken_as_it_is() -> None:
    class Own(werkzeug.test.TestResponse):
        pass

    assert type(Client(FakeApp(), Own).get("/")) is Own


def test_clients_of_one_response_class_share_its_class_for_tests() -> None:
    class Own(Response):
        pass

    first, second = Client(FakeApp(), Own), Client(FakeApp(), Own)

    assert type(first.get("/")) is type(second.get("/"))


def test_a_body_is_read_and_closed_at_once_if_buffered() -> None:
    class Body:
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            yield b"x"

        def close(self) -> None:
            self.closed = True

    body = Body()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return body

    Client(app).get("/")
    assert body.closed is False
    assert Client(app).get("/", buffered=True).data == b"x"
    assert body.closed is True


# Cookies


def test_cookies_go_back_to_the_app() -> None:
    client = Client(FakeApp({"/": show, "/in": log_in}))

    client.get("/in?user=ada")

    assert client.get("/").text.endswith(" user=ada")


@pytest.mark.parametrize(("kept", "cookie"), [(True, "user=ada"), (False, None)])
def test_the_cookies_go_along_with_an_environ_that_is_sent_by_others(
    kept: bool, cookie: str | None
) -> None:
    client = Client(FakeApp(), use_cookies=kept)
    environ = EnvironBuilder(FakeApp()).get_environ()

    client._update_cookies_from_response("localhost", "/", ["user=ada; Path=/"])
    client._add_cookies_to_wsgi(environ)

    assert environ.get("HTTP_COOKIE") == cookie


def test_the_cookies_can_be_counted_as_in_werkzeugs_client() -> None:
    client = Client(FakeApp())
    client.set_cookie("user", "ada")
    copy = client.clone()
    client.close()

    assert client._cookies == {}
    assert list(copy._cookies or ()) == [("localhost", "/", "user")]
    assert Client(FakeApp(), use_cookies=False)._cookies is None


def test_a_client_can_do_without_cookies() -> None:
    client = Client(FakeApp({"/": show, "/in": log_in}), use_cookies=False)

    client.get("/in?user=ada")

    assert client.get("/").text.endswith(" None")
    assert client.get("/", headers={"Cookie": "a=1"}).text.endswith(" a=1")


def test_a_cookie_can_be_set_looked_at_and_deleted() -> None:
    client = Client(FakeApp({"/": show}))

    client.set_cookie("user", "ada", httponly=True)
    cookie = client.get_cookie("user")

    assert cookie is not None
    assert (cookie.value, cookie.http_only) == ("ada", True)
    assert client.get("/").text.endswith(" user=ada")
    client.delete_cookie("user")
    assert client.get_cookie("user") is None
    assert client.get("/").text.endswith(" None")


def test_a_cookie_can_be_set_for_subdomains() -> None:
    client = Client(FakeApp({"/": show}))

    client.set_cookie("a", "1", domain="shop.example", origin_only=False)

    response = client.get("/", base_url="http://www.shop.example")
    assert response.text.endswith(" a=1")


def test_setting_an_expired_cookie_deletes_it(client: Client) -> None:
    client.set_cookie("a", "1")
    client.set_cookie("a", "", max_age=0)

    assert client.get_cookie("a") is None


def test_a_cookie_without_a_name_is_not_kept(client: Client) -> None:
    client.set_cookie("", "1")

    assert client.get_cookie("") is None


def test_cookies_need_a_client_that_keeps_them() -> None:
    client = Client(FakeApp(), use_cookies=False)
    text = r"Cookies are disabled\. Create a client with 'use_cookies=True'\."

    with pytest.raises(CookiesDisabledError, match=text):
        client.set_cookie("a")
    with pytest.raises(CookiesDisabledError, match=text):
        client.get_cookie("a")
    with pytest.raises(TypeError, match=text):
        client.delete_cookie("a")


# Contexts


def test_the_context_is_gone_after_a_request() -> None:
    app = FakeApp()

    Client(app).get("/")

    assert app.stack == []


def test_a_with_block_holds_the_context_of_the_last_request() -> None:
    app = FakeApp()

    with Client(app) as client:
        client.get("/a")
        assert [ctx.request.path for ctx in app.stack] == ["/a"]
        client.get("/b")
        assert [ctx.request.path for ctx in app.stack] == ["/b"]

    assert app.stack == []


def test_a_with_block_holds_the_context_of_the_last_redirect() -> None:
    def move(request: Request) -> Response:
        return Response(status=302, headers={"Location": "/b"})

    app = FakeApp({"/a": move})

    with Client(app) as client:
        client.get("/a", follow_redirects=True)

        assert [ctx.request.path for ctx in app.stack] == ["/b"]


def test_several_contexts_of_one_request_are_held_in_order() -> None:
    app = FakeApp()
    contexts = [app.test_request_context("/1"), app.test_request_context("/2")]

    def pair(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        for context in contexts:
            environ["werkzeug.debug.preserve_context"](context)
        start_response("200 OK", [])
        return []

    with Client(pair) as client:
        client.get("/")
        assert app.stack == contexts

    assert app.stack == []


def test_the_context_of_a_request_that_failed_is_not_held() -> None:
    app = FakeApp({"/fail": fail})

    with Client(app) as client:
        with pytest.raises(ZeroDivisionError):
            client.get("/fail")
        assert app.stack == []
        client.get("/")
        assert [ctx.request.path for ctx in app.stack] == ["/"]


def test_a_failing_block_releases_the_context() -> None:
    app = FakeApp()

    def ask_and_fail() -> None:
        with Client(app) as client:
            client.get("/")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    assert app.stack == []


def test_a_client_can_be_used_in_one_block_after_another() -> None:
    app = FakeApp()
    client = Client(app)

    with client:
        client.get("/")
    with client:
        client.get("/")

        assert len(app.stack) == 1


def test_a_client_cannot_be_used_in_a_block_inside_its_block(client: Client) -> None:
    with (
        client,
        pytest.raises(NestedClientError, match="Cannot nest client invocations"),
        client,
    ):
        pass


# Copies and the end


def test_a_clone_has_the_same_cookies_and_then_its_own() -> None:
    client = Client(FakeApp({"/": show, "/in": log_in}))
    client.get("/in?user=ada")

    other = client.clone()
    client.get("/in?user=bob")

    assert client.get("/").text.endswith(" user=bob")
    assert other.get("/").text.endswith(" user=ada")


def test_a_clone_has_its_own_environ_base(client: Client) -> None:
    other = client.clone()
    other.environ_base["REMOTE_ADDR"] = "10.0.0.1"

    assert client.environ_base["REMOTE_ADDR"] == "127.0.0.1"


def test_a_clone_keeps_what_a_subclass_added() -> None:
    class Own(Client):
        def __init__(self, *args: Any, token: str, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.token = token

    clone = Own(FakeApp(), token="t", use_cookies=False).clone()

    assert clone.token == "t"
    with pytest.raises(CookiesDisabledError):
        clone.set_cookie("a")


def test_a_page_of_another_site_sends_what_browsers_tell_of_it(client: Client) -> None:
    page = client.from_site("https://evil.example")
    sibling = client.from_site("https://blog.localhost", site="same-site")
    old = client.from_site("null", site=None)

    bases = [each.environ_base for each in (page, sibling, old, client)]

    assert [base.get("HTTP_ORIGIN") for base in bases] == [
        "https://evil.example",
        "https://blog.localhost",
        "null",
        None,
    ]
    assert [base.get("HTTP_SEC_FETCH_SITE") for base in bases] == [
        "cross-site",
        "same-site",
        None,
        None,
    ]


def test_a_page_of_another_site_is_open_in_the_same_browser() -> None:
    client = Client(FakeApp({"/": show, "/in": log_in}))
    page = client.from_site("https://evil.example")

    client.get("/in?user=ada")

    assert page.get("/").text.endswith(" user=ada")


def test_a_clone_made_in_a_block_is_outside_it() -> None:
    app = FakeApp()

    with Client(app) as client:
        client.get("/a")
        with client.clone() as other:
            other.get("/b")
            assert [ctx.request.path for ctx in app.stack] == ["/a", "/b"]

        assert [ctx.request.path for ctx in app.stack] == ["/a"]


@pytest.mark.parametrize("use_cookies", [True, False])
def test_a_closed_client_makes_no_request(use_cookies: bool) -> None:
    app = FakeApp()
    client = Client(app, use_cookies=use_cookies)

    client.close()

    with pytest.raises(
        ClientClosedError,
        match=r"The test client of <FakeApp> is closed.*Make a new client",
    ):
        client.get("/")


def test_closing_releases_the_context() -> None:
    app = FakeApp()
    client = Client(app)

    with client:
        client.get("/")
        client.close()

        assert app.stack == []


def test_a_closed_client_has_no_cookies(client: Client) -> None:
    client.set_cookie("a", "1")

    client.close()

    assert client.get_cookie("a") is None


def answer_late(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return [b"no status"]


def answer_nothing(environ: WSGIEnvironment, start_response: StartResponse) -> None:
    start_response("200 OK", [])


@pytest.mark.parametrize(
    ("app", "name"),
    [
        (5, "5"),
        (dict.get, "<method 'get' of 'dict' objects>"),
        (answer_late, r"answer_late \(.*test_client\.py:\d+\)"),
        (answer_nothing, r"answer_nothing \(.*test_client\.py:\d+\)"),
    ],
    ids=["number", "method", "late", "nothing"],
)
def test_an_app_that_does_not_keep_to_wsgi_is_told_what_that_asks_for(
    app: Any, name: str
) -> None:
    with pytest.raises(TypeError) as caught:
        Client(app).get("/")

    assert re.match(f"Does {name} keep to WSGI?", caught.value.__notes__[0])


def test_an_error_of_the_apps_own_code_gets_no_note() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        return [len(5)]  # type: ignore[arg-type, list-item] # the error

    with pytest.raises(TypeError) as caught:
        Client(app).get("/")

    assert not hasattr(caught.value, "__notes__")


def cookies(request: Request) -> Response:
    return Response(request.environ.get("HTTP_COOKIE", "none"))


@pytest.mark.parametrize(
    "given",
    [
        {"headers": {"Cookie": "a=1"}},
        {"headers": [("cookie", "a=1")]},
        {"environ_base": {"HTTP_COOKIE": "a=1"}},
        {"environ_overrides": {"HTTP_COOKIE": "a=1"}},
    ],
    ids=["dict", "list", "base", "overrides"],
)
@pytest.mark.parametrize("use_cookies", [True, False], ids=["jar", "no jar"])
def test_a_cookie_header_of_the_test_is_sent_once(
    given: dict[str, Any], use_cookies: bool
) -> None:
    client = Client(FakeApp({"/": cookies}), use_cookies=use_cookies)

    assert client.get("/", **given).text == "a=1"
    assert client.get("/").text == "none"


def test_a_cookie_header_of_the_test_stands_beside_the_cookies_kept() -> None:
    client = Client(FakeApp({"/": cookies}))
    client.set_cookie("a", "kept")
    client.set_cookie("b", "kept")

    assert client.get("/", headers={"Cookie": "a=given"}).text == "a=given; b=kept"


@pytest.mark.parametrize("part", ["request", "environ"])
def test_a_request_opened_again_has_the_cookies_of_now(part: str) -> None:
    client = Client(FakeApp({"/": cookies}))
    client.set_cookie("b", "then")
    request = client.get("/", headers={"Cookie": "a=1"}).request
    client.set_cookie("b", "now")

    again = client.open({"request": request, "environ": request.environ}[part])

    assert again.text == "a=1; b=now"
