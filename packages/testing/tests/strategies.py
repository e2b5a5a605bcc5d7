"""Requests as a test suite makes them, and as it rarely does."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

names = st.text("abcXYZ-_09", min_size=1, max_size=8)
plain_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
any_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
texts = st.one_of(plain_texts, any_texts)
values = st.one_of(texts, st.integers(), st.booleans(), st.none(), st.floats(0, 9))

paths = st.one_of(
    st.sampled_from(
        ["/", "/a", "/a/b?c=d", "/x?", "/a//b", "//a", "", "a", "/a;b=c,d"]
    ),
    st.builds("/{}?{}".format, st.text("ab/%2F.~é ", max_size=6), texts),
    st.builds("/{}".format, texts),
    st.builds("https://example.org/{}".format, st.text("ab?=", max_size=4)),
)
fields = st.dictionaries(texts, st.one_of(values, st.lists(values, max_size=3)))
headers = st.one_of(
    st.dictionaries(names, plain_texts, max_size=3),
    st.lists(st.tuples(names, plain_texts), max_size=4),
    st.sampled_from(
        [
            {"Content-Type": "text/x-own"},
            {"content-type": "application/x-www-form-urlencoded"},
            {"Content-Length": "7", "X-A": "1"},
            [("X-A", "1"), ("x-a", "2"), ("Authorization", "none")],
        ]
    ),
)
types = st.sampled_from(
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        "multipart/form-data",
        "",
    ]
)


def options() -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the keyword arguments of one call of the client."""
    return st.fixed_dictionaries(
        {},
        optional={
            "method": st.sampled_from(["GET", "POST", "put", "HEAD"]),
            "query_string": st.one_of(texts, fields),
            "headers": headers,
            "data": st.one_of(texts, st.binary(max_size=8), fields),
            "json": st.one_of(values, st.lists(values, max_size=2)),
            "content_type": types,
            "auth": st.tuples(names, names),
            "base_url": st.sampled_from(["https://example.org/root", "http://a:81"]),
            "subdomain": st.sampled_from(["www", ""]),
            "url_scheme": st.sampled_from(["https", "http"]),
            "environ_base": st.just({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_A": "base"}),
            "environ_overrides": st.just({"HTTP_HOST": "other", "own": 1}),
            "mimetype": st.just("text/x-other"),
            "multithread": st.booleans(),
        },
    )


plain_paths = st.builds("/{}".format, st.text("abc-_.~()09", max_size=6))
plain_fields = st.dictionaries(
    any_texts,
    st.one_of(any_texts, st.integers(), st.lists(any_texts, min_size=1, max_size=3)),
    min_size=1,
)
bodies: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"data": st.one_of(any_texts, st.binary(max_size=8))}),
    st.fixed_dictionaries({"data": plain_fields}),
    st.fixed_dictionaries({"json": st.one_of(any_texts, st.lists(st.integers()))}),
)


@st.composite
def everyday_calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Draw (path, keyword arguments) of a request that is made all the time."""
    path = draw(plain_paths)
    call = dict(draw(bodies), method=draw(st.sampled_from(["GET", "POST"])))
    query = draw(st.one_of(st.none(), plain_texts, plain_fields))
    if query is not None:
        call["query_string"] = query
    if draw(st.booleans()):
        call["headers"] = draw(headers)
    if draw(st.booleans()):
        call["auth"] = draw(st.tuples(names, any_texts))
    return path, call
