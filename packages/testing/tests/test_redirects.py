from __future__ import annotations

from io import BytesIO
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import werkzeug.test
from fakes import FakeApp, View, echo
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import any_texts
from werkzeug.test import ClientRedirectError
from werkzeug.wrappers import Request, Response

from tantalus_testing import Client, ForeignRedirectError, RedirectLoopError


def to(location: str, status: int = 302) -> View:
    return lambda request: Response(status=status, headers={"Location": location})


def app_with(**views: View) -> FakeApp:
    return FakeApp({f"/{name}": view for name, view in views.items()})


def count_up(request: Request) -> Response:
    number = int(request.args.get("n", "0"))
    return Response(status=302, headers={"Location": f"/up?n={number + 1}"})


def test_a_redirect_is_only_followed_on_demand() -> None:
    response = Client(app_with(a=to("/b"))).get("/a")

    assert response.status_code == 302
    assert response.location == "/b"


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/b?c=d", "http://localhost/b?c=d"),
        ("http://localhost/b", "http://localhost/b"),
        ("https://localhost:5000/b", "https://localhost:5000/b"),
        ("//localhost/b", "http://localhost/b"),
        ("http://localhost", "http://localhost/"),
        ("b", "http://localhost/b"),
        ("?c=d", "http://localhost/a?c=d"),
        ("/b#part", "http://localhost/b"),
        ("/c/../b/.", "http://localhost/b/"),
        ("/caf%C3%A9%2F", "http://localhost/café/"),
    ],
)
def test_a_location_is_understood_as_a_browser_does(location: str, url: str) -> None:
    calls = iter([to(location)])
    app = app_with(a=lambda request: next(calls, echo)(request))

    response = Client(app).get("/a", follow_redirects=True)

    assert response.text == f"GET {url}"


def test_the_responses_on_the_way_are_the_history() -> None:
    client = Client(app_with(a=to("/b"), b=to("/c", 301)))

    response = client.get("/a", follow_redirects=True)

    assert response.request.path == "/c"
    assert [(one.request.path, one.status_code) for one in response.history] == [
        ("/a", 302),
        ("/b", 301),
    ]
    assert response.history[1].history == (response.history[0],)


@pytest.mark.parametrize("buffered", [True, False])
def test_bodies_on_the_way_are_read_and_closed(buffered: bool) -> None:
    client = Client(app_with(a=to("/b")))

    response = client.get("/a", follow_redirects=True, buffered=buffered)

    assert response.history[0].is_sequence
    assert response.text == "GET http://localhost/b"


@pytest.mark.parametrize(
    ("status", "method", "text"),
    [
        (301, "POST", "GET http://localhost/b"),
        (302, "PUT", "GET http://localhost/b"),
        (303, "DELETE", "GET http://localhost/b"),
        (307, "POST", "POST http://localhost/b body"),
        (308, "PUT", "PUT http://localhost/b body"),
    ],
)
def test_the_status_says_what_the_next_request_is(
    status: int, method: str, text: str
) -> None:
    client = Client(app_with(a=to("/b", status)))

    response = client.open("/a", method=method, data="body", follow_redirects=True)

    assert response.text == text


def test_a_repeated_request_has_its_body_though_the_first_view_read_it() -> None:
    def read(request: Request) -> Response:
        assert request.get_data() == b"body"
        return to("/b", 307)(request)

    client = Client(app_with(a=read))

    response = client.post("/a", data="body", follow_redirects=True)

    assert response.text == "POST http://localhost/b body"


def test_a_repeated_request_may_have_no_body() -> None:
    client = Client(app_with(a=to("/b", 308)))

    assert client.delete("/a", follow_redirects=True).request.method == "DELETE"


def test_a_head_request_stays_one() -> None:
    response = Client(app_with(a=to("/b"))).head("/a", follow_redirects=True)

    assert response.request.method == "HEAD"


def test_cookies_set_on_the_way_are_sent() -> None:
    def log_in(request: Request) -> Response:
        response = to("/b")(request)
        response.set_cookie("user", "ada")
        return response

    response = Client(app_with(a=log_in)).get("/a", follow_redirects=True)

    assert response.request.cookies["user"] == "ada"


def test_headers_go_along() -> None:
    response = Client(app_with(a=to("/b"))).get(
        "/a", headers={"X-Token": "t"}, follow_redirects=True
    )

    assert response.request.headers["X-Token"] == "t"


@pytest.mark.parametrize(
    ("location", "root", "path"),
    [
        ("/shop/b", "/shop", "/b"),
        ("/shop", "/shop", "/"),
        ("/shopping", "", "/shopping"),
        ("/b", "", "/b"),
    ],
)
def test_the_script_root_is_kept_for_what_lies_below(
    location: str, root: str, path: str
) -> None:
    client = Client(app_with(a=to(location)))

    response = client.get("/a", base_url="http://localhost/shop", follow_redirects=True)

    assert response.request.root_path == root
    assert response.request.path == path


@pytest.mark.parametrize("status", [300, 304, 200])
def test_other_statuses_are_not_followed(status: int) -> None:
    client = Client(app_with(a=to("/b", status)))

    assert client.get("/a", follow_redirects=True).status_code == status


def test_a_redirect_without_a_location_is_where_it_ends() -> None:
    client = Client(app_with(a=lambda request: Response(status=302)))

    assert client.get("/a", follow_redirects=True).status_code == 302


def test_a_redirect_that_comes_again_is_a_loop() -> None:
    client = Client(app_with(a=to("/b"), b=to("/a")))

    with pytest.raises(
        RedirectLoopError,
        match=r"Loop detected: A 302 redirect to /b was already made\. "
        r"GET http://localhost/a answered 302 with the location '/b'\.",
    ) as error:
        client.get("/a", follow_redirects=True)

    assert [one.request.path for one in error.value.history] == ["/a", "/b"]
    assert error.value.response.request.path == "/a"


def test_redirects_that_never_end_are_a_loop_too() -> None:
    client = Client(app_with(up=count_up))

    with pytest.raises(
        ClientRedirectError, match=r"20 redirects were followed.*client\.max_redirects"
    ):
        client.get("/up", follow_redirects=True)


def test_more_redirects_can_be_allowed() -> None:
    client = Client(app_with(up=count_up))
    client.max_redirects = 30

    with pytest.raises(RedirectLoopError, match="30 redirects were followed"):
        client.get("/up", follow_redirects=True)


@pytest.mark.parametrize(
    "location",
    [
        "https://example.org/",
        "//example.org/",
        "http://nolocalhost/",
        "mailto:a@localhost",
    ],
)
def test_a_redirect_to_another_host_is_refused(location: str) -> None:
    client = Client(app_with(a=to(location)))

    with pytest.raises(
        ForeignRedirectError,
        match=r"Following external redirects is not supported\..*response\.location"
        rf".*GET http://localhost/a answered 302 with the location '{location}'\.",
    ) as error:
        client.get("/a", follow_redirects=True)

    assert error.value.response.location == location


def test_a_redirect_to_a_subdomain_has_to_be_allowed() -> None:
    app = app_with(a=to("http://www.localhost/b"))

    with pytest.raises(
        RuntimeError, match=r"Following subdomain redirects is not enabled\."
    ):
        Client(app).get("/a", follow_redirects=True)
    response = Client(app, allow_subdomain_redirects=True).get(
        "/a", follow_redirects=True
    )

    assert response.text == "GET http://www.localhost/b"


def test_a_request_of_the_least_environ_is_followed() -> None:
    request = Request(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/a",
            "SERVER_NAME": "shop.example",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
        }
    )
    client = Client(app_with(a=to("http://shop.example/b")))
    client.set_cookie("a", "1", domain="shop.example")

    response = client.open(request, follow_redirects=True)

    assert response.text == "GET http://shop.example/b"
    assert response.request.cookies["a"] == "1"


class Recorder:
    """A WSGI app that redirects once, and records what it is asked next."""

    def __init__(self, location: str, status: int) -> None:
        self.location = location
        self.status = status
        self.asked: list[dict[str, object]] = []

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> list[bytes]:
        body = environ["wsgi.input"].read()
        self.asked.append({name: environ.get(name) for name in COMPARED} | {"": body})
        if len(self.asked) == 1:
            start_response(f"{self.status} MOVED", [("Location", self.location)])
        else:
            start_response("200 OK", [])
        return []


COMPARED = [
    "REQUEST_METHOD",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "SERVER_NAME",
    "SERVER_PORT",
    "HTTP_HOST",
    "HTTP_X_TOKEN",
    "HTTP_TRANSFER_ENCODING",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    "wsgi.url_scheme",
]


@given(
    host=st.sampled_from(["", "http://localhost:81", "https://localhost"]),
    path=st.lists(any_texts.map(quote), min_size=1, max_size=3).map("/".join),
    query=st.text("ab=&%2F+?", max_size=6),
    status=st.sampled_from([301, 302, 303]),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    root=st.sampled_from(["", "/a", "/shop"]),
)
def test_the_next_request_is_that_of_werkzeugs_client(
    host: str, path: str, query: str, status: int, method: str, root: str
) -> None:
    location = f"{host}/{path.lstrip('/')}{'?' if query else ''}{query}"
    assume("/." not in location)  # which Werkzeug does not resolve
    ours, theirs = Recorder(location, status), Recorder(location, status)

    for client in Client(ours), werkzeug.test.Client(theirs):
        client.open(
            "/start",
            base_url=f"http://localhost{root}",
            method=method,
            data=b"body",
            headers={"X-Token": "t", "Transfer-Encoding": "gzip"},
            content_type="text/plain",
            follow_redirects=True,
        )

    assert ours.asked == theirs.asked


def test_a_subclass_sees_each_request_of_a_chain() -> None:
    class Counting(Client):
        count = 0

        def open(self, *args: object, **kwargs: object) -> object:  # type: ignore[override] # as people write it
            self.count += 1
            return super().open(*args, **kwargs)  # type: ignore[arg-type] # as above

    client = Counting(app_with(a=to("/b"), b=to("/c")))

    client.get("/a", follow_redirects=True)

    assert client.count == 3


PEER = {"REMOTE_USER": "bob", "REMOTE_ADDR": "10.0.0.9", "SSL_CLIENT_S_DN": "CN=bob"}


def peer(request: Request) -> Response:
    return Response(" ".join(str(request.environ.get(key)) for key in PEER))


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("argument", ["environ_base", "environ_overrides"])
def test_what_the_test_says_of_the_connection_holds_for_redirects(
    argument: str, status: int
) -> None:
    client = Client(app_with(a=to("/b", status), b=to("/c", status), c=peer))

    response = client.post(
        "/a",
        data="x",
        follow_redirects=True,
        **{argument: PEER},
    )

    assert response.text == "bob 10.0.0.9 CN=bob"


def test_what_a_client_says_of_the_connection_holds_for_redirects() -> None:
    client = Client(app_with(a=to("/b"), b=peer))
    client.environ_base.update(PEER)

    assert client.get("/a", follow_redirects=True).text == "bob 10.0.0.9 CN=bob"


def test_what_the_app_made_of_a_request_is_not_in_the_next() -> None:
    def seen(request: Request) -> Response:
        return Response(str(request.environ.get("app.user")))

    def mark(request: Request) -> Response:
        request.environ["app.user"] = "bob"
        return to("/b")(request)

    client = Client(app_with(a=mark, b=seen))

    assert client.get("/a", follow_redirects=True).text == "None"


def test_a_request_of_before_is_not_handed_on() -> None:
    def seen(request: Request) -> Response:
        return Response(request.environ["werkzeug.request"].path)

    client = Client(app_with(a=to("/b"), b=seen))
    environ = Request({"PATH_INFO": "/a", "REQUEST_METHOD": "GET"}).environ

    response = client.get("/a", environ_overrides=environ, follow_redirects=True)

    assert response.text == "/b"


@pytest.mark.parametrize(
    ("set_cookie", "sent"),
    [
        ("other=1", "a=1; other=1"),
        ("a=2", "a=2"),
        ("a=; Max-Age=0", "none"),
    ],
    ids=["other", "changed", "deleted"],
)
def test_a_redirect_has_the_given_cookies_that_were_not_set_since(
    set_cookie: str, sent: str
) -> None:
    def leave(request: Request) -> Response:
        headers = {"Location": "/b", "Set-Cookie": set_cookie}
        return Response(status=302, headers=headers)

    def cookies(request: Request) -> Response:
        return Response(request.environ.get("HTTP_COOKIE", "none"))

    client = Client(app_with(a=leave, b=cookies))

    response = client.get("/a", headers={"Cookie": "a=1"}, follow_redirects=True)

    assert response.text == sent


@pytest.mark.parametrize(
    ("location", "sent"),
    [("https://localhost/b", "a=1"), ("http://shop.localhost/b", "none")],
    ids=["same host", "subdomain"],
)
def test_given_cookies_stay_with_their_host(location: str, sent: str) -> None:
    def cookies(request: Request) -> Response:
        return Response(request.environ.get("HTTP_COOKIE", "none"))

    client = Client(app_with(a=to(location), b=cookies), allow_subdomain_redirects=True)

    response = client.get("/a", headers={"Cookie": "a=1"}, follow_redirects=True)

    assert response.text == sent
