"""The client for tests that run on a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import pytest
from asgi_apps import answer, echo, living, site, streaming, told
from fakes import FakeApp
from werkzeug.wrappers import Response

from tantalus_testing import (
    AsyncClient,
    ClientClosedError,
    CookiesDisabledError,
    ForeignRedirectError,
    LifespanError,
    NestedClientError,
    RedirectLoopError,
)
from tantalus_testing._scope import ASGIApplication, Receive, Scope, Send

variable: ContextVar[str] = ContextVar("variable", default="unset")
Test = Callable[[AsyncClient], Awaitable[Any]]


def run(app: ASGIApplication, test: Test, **options: Any) -> Any:
    """Return what a test returns that is given a client."""

    async def main() -> Any:
        return await test(AsyncClient(app, **options))

    return asyncio.run(main())


@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
)
def test_each_method_has_a_shortcut(method: str) -> None:
    async def test(client: AsyncClient) -> Any:
        return (await getattr(client, method.lower())("/a", query_string="b=c")).json

    sent = run(echo, test)

    assert (sent["method"], sent["path"], sent["query"]) == (method, "/a", "b=c")


def test_a_head_request_has_no_body() -> None:
    async def test(client: AsyncClient) -> Any:
        return await client.head("/")

    assert run(echo, test).data == b""


def test_json_forms_and_defaults_are_sent() -> None:
    async def test(client: AsyncClient) -> None:
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "el"

        sent = told(await client.post("/", json={"a": 1}))

        assert (sent["body"], sent["headers"]["accept-language"]) == ('{"a": 1}', "el")
        assert told(await client.post("/", data={"a": "b"}))["body"] == "a=b"

    run(echo, test)


def test_cookies_are_kept_and_clones_go_their_own_way() -> None:
    async def test(client: AsyncClient) -> None:
        response = await client.get("/log-in?ada", follow_redirects=True)
        other = client.clone()
        await other.get("/log-in?bob")

        assert response.text == "user=ada"
        assert [one.status_code for one in response.history] == [302]
        assert (await client.get("/")).text == "user=ada"
        assert (await other.get("/")).text == "user=bob"
        client.set_cookie("user", "eve")
        cookie = client.get_cookie("user")
        assert cookie is not None
        assert cookie.value == "eve"
        client.delete_cookie("user")
        assert (await client.get("/")).text == "nobody"

    run(site, test)


def test_a_page_of_another_site_sends_what_browsers_tell_of_it() -> None:
    async def test(client: AsyncClient) -> None:
        page = client.from_site("https://evil.example", site="same-site")

        sent = told(await page.post("/"))["headers"]

        assert sent["origin"] == "https://evil.example"
        assert sent["sec-fetch-site"] == "same-site"
        assert "origin" not in told(await client.post("/"))["headers"]

    run(echo, test)


def test_a_redirect_repeats_the_body_where_it_has_to() -> None:
    async def test(client: AsyncClient) -> None:
        response = await client.post("/again", data=b"tea", follow_redirects=True)

        assert response.text == "POST tea"

    run(site, test)


@pytest.mark.parametrize(
    ("path", "error"), [("/loop", RedirectLoopError), ("/away", ForeignRedirectError)]
)
def test_a_redirect_that_leads_nowhere_is_told(
    path: str, error: type[Exception]
) -> None:
    async def test(client: AsyncClient) -> None:
        with pytest.raises(error):
            await client.get(path, follow_redirects=True)

    run(site, test)


def test_cookies_can_be_off_and_responses_of_another_class() -> None:
    class Own(Response):
        pass

    async def test(client: AsyncClient) -> None:
        assert isinstance(await client.get("/"), Own)
        with pytest.raises(CookiesDisabledError):
            client.get_cookie("a")

    run(site, test, use_cookies=False, response_wrapper=Own)


def test_a_closed_client_is_told() -> None:
    async def test(client: AsyncClient) -> None:
        client.close()

        with pytest.raises(ClientClosedError):
            await client.get("/")

    run(site, test)


def test_an_error_of_the_app_reaches_the_test() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        raise LookupError("lost")

    async def test(client: AsyncClient) -> None:
        with pytest.raises(LookupError, match="lost"):
            await client.get("/")

    run(app, test)


def test_what_an_app_sets_stays_with_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen = variable.get()
        variable.set("of the app")
        await answer(send, seen.encode())

    async def test(client: AsyncClient) -> list[str]:
        variable.set("of the test")
        return [(await client.get("/")).text for _ in range(2)]

    assert run(app, test) == ["of the test"] * 2


def test_requests_are_answered_side_by_side() -> None:
    async def test(client: AsyncClient) -> list[str]:
        met = asyncio.Barrier(3)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await met.wait()
            await answer(send, b"met")

        client = AsyncClient(app)
        answers = await asyncio.gather(*(client.get("/") for _ in range(3)))
        return [response.text for response in answers]

    assert run(echo, test) == ["met"] * 3


@pytest.mark.usefixtures("no_patience")
def test_a_request_that_is_cancelled_ends_in_the_app() -> None:
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            events.append("begun")
            await asyncio.Event().wait()
        finally:
            events.append("ended")

    async def test(client: AsyncClient) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.get("/"), 0)

    async def later(client: AsyncClient) -> None:
        task = asyncio.ensure_future(client.get("/"))
        while not events:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(app, test)
    events.clear()
    run(app, later)

    assert events == ["begun", "ended"]


def test_a_client_that_is_cancelled_while_it_leaves_cancels_the_app() -> None:
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200})
            await asyncio.Event().wait()
        finally:
            events.append("ended")

    async def leave(client: AsyncClient) -> None:
        async with client.stream("/"):
            events.append("leaves")

    async def test(client: AsyncClient) -> None:
        task = asyncio.ensure_future(leave(client))
        while not events:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)

    run(app, test)

    assert events == ["leaves", "ended"]


# Streams


def test_a_stream_is_read_as_it_comes_and_left() -> None:
    events: list[str] = []

    async def test(client: AsyncClient) -> None:
        async with client.stream("/") as stream:
            assert stream.status_code == 200
            assert list(stream.headers) == []
            parts = aiter(stream)
            assert await anext(parts) == b"data: 1\r\n\n"
            assert events == ["made 1", "made 2"] or events == ["made 1"]

    run(streaming(events), test)

    assert events[-1] == "OSError"


def test_a_stream_has_lines() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"a", b"b\r\nc\n\xc3", b"\xa4\n", b"rest")

    async def ended(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"a\n")

    async def test(client: AsyncClient) -> list[str]:
        async with client.stream("/") as stream:
            return [line async for line in stream.lines()]

    assert run(app, test) == ["ab", "c", "ä", "rest"]
    assert run(ended, test) == ["a"]


def test_the_rest_of_a_stream_is_read_at_once_and_its_cookies_are_kept() -> None:
    async def test(client: AsyncClient) -> None:
        async with client.stream("/log-in", method="POST") as stream:
            assert await stream.read() == b""
        assert client.get_cookie("user") is not None

    run(site, test)


# The lifespan


def test_in_a_block_the_app_has_its_lifespan() -> None:
    events: list[str] = []

    async def test(client: AsyncClient) -> None:
        async with client:
            assert told(await client.get("/"))["state"] == {"phase": "startup"}
            assert told(await client.clone().get("/"))["state"] == {"phase": "startup"}
            with pytest.raises(NestedClientError):
                await client.__aenter__()
        assert told(await client.get("/"))["state"] is None

    run(living(events), test)

    assert events == ["startup", "shutdown"]


def test_a_lifespan_that_fails_reaches_the_test() -> None:
    async def test(client: AsyncClient) -> None:
        with pytest.raises(LifespanError, match="no database"):
            await client.__aenter__()

    run(living([], startup="no database"), test)


# Sessions


def test_a_session_is_opened_as_by_the_other_client() -> None:
    class Both(FakeApp):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override] # as an app of two protocols
            await site(scope, receive, send)

    async def test(client: AsyncClient) -> str:
        with client.session_transaction() as session:
            session["user"] = "ada"
        return (await client.get("/")).text

    assert "session=" in run(Both(), test)
