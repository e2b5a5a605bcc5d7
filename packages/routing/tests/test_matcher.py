from __future__ import annotations

from typing import Any

import pytest
from answers import endpoint, location, matched
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import CONVERTERS
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from tantalus_routing import (
    Map,
    Match,
    NoMatch,
    Redirect,
    Rule,
    WrongMethod,
    WrongProtocol,
)


def rules(*texts: str, **options: Any) -> Map:
    made = [Rule(text, endpoint=text) for text in texts]
    return Map(made, converters=CONVERTERS, **options)


def test_static_text_goes_before_variables() -> None:
    map = rules("/<name>", "/<int:id>", "/about", "/<path:rest>")

    assert endpoint(map.match("GET", "/about")) == "/about"
    assert endpoint(map.match("GET", "/12")) == "/<int:id>"
    assert endpoint(map.match("GET", "/ab")) == "/<name>"
    assert endpoint(map.match("GET", "/a/b")) == "/<path:rest>"


def test_a_static_beginning_that_leads_nowhere_is_left_again() -> None:
    map = rules("/a/b/c", "/a/<x>/d", "/<x>/b/e", "/<path:rest>")

    assert endpoint(map.match("GET", "/a/b/c")) == "/a/b/c"
    assert endpoint(map.match("GET", "/a/b/d")) == "/a/<x>/d"
    assert endpoint(map.match("GET", "/a/b/e")) == "/<x>/b/e"
    assert endpoint(map.match("GET", "/a/b/f")) == "/<path:rest>"


def test_text_and_variables_may_share_a_segment() -> None:
    map = rules("/v<int:major>.<int:minor>/x", "/<a>-<b>")

    result = map.match("GET", "/v3.11/x")
    assert isinstance(result, Match)
    assert result.args == {"major": 3, "minor": 11}
    result = map.match("GET", "/a-b-c")
    assert isinstance(result, Match)
    assert result.args == {"a": "a-b", "b": "c"}


def test_the_arguments_of_two_matches_are_not_shared() -> None:
    map = Map([Rule("/", endpoint="index", defaults={"page": 1})])
    first = map.match("GET", "/")
    assert isinstance(first, Match)

    first.args["page"] = 2

    assert map.match("GET", "/") == ("index", None, {"page": 1}, first.rule)


def test_the_first_rule_for_a_method_is_taken() -> None:
    map = Map(
        [
            Rule("/x", endpoint="post", methods=["POST"]),
            Rule("/x", endpoint="any"),
            Rule("/x", endpoint="late", methods=["GET"]),
            Rule("/x", endpoint="socket", websocket=True),
        ]
    )

    assert endpoint(map.match("POST", "/x")) == "post"
    assert endpoint(map.match("GET", "/x")) == "any"
    assert endpoint(map.match("get", "/x")) == "any"
    assert endpoint(map.match("GET", "/x", websocket=True)) == "socket"


def test_a_wrong_method_tells_the_methods_of_all_rules() -> None:
    map = Map(
        [
            Rule("/x/<id>", endpoint="post", methods=["POST"]),
            Rule("/x/<int:id>", endpoint="get", methods=["GET"]),
        ]
    )

    result = map.match("DELETE", "/x/1")

    assert isinstance(result, WrongMethod)
    assert result.valid_methods == {"GET", "HEAD", "POST"}
    assert repr(result) == "WrongMethod(['GET', 'HEAD', 'POST'])"


def test_a_refused_value_is_found_nowhere_by_the_methods_of_its_rule() -> None:
    map = Map(
        [
            Rule("/x/<int(max=9):id>", endpoint="get", methods=["GET"]),
            Rule("/x/<int(max=9):id>", endpoint="put", methods=["PUT"]),
        ]
    )

    for method in ("GET", "PUT"):
        assert isinstance(map.match(method, "/x/9"), Match)
        assert repr(map.match(method, "/x/10")) == "NoMatch()"
    assert isinstance(map.match("DELETE", "/x/9"), WrongMethod)


def test_a_wrong_protocol_is_told() -> None:
    map = Map([Rule("/x", endpoint="x", websocket=True)])

    assert isinstance(map.match("GET", "/x"), WrongProtocol)


def test_a_missing_slash_is_added_and_the_query_kept() -> None:
    map = rules("/docs/", "/<name>/page/")

    assert location(map.match("GET", "/docs")) == "http://example.com/docs/"
    assert (
        location(map.match("GET", "/ä b/page"), query_args={"q": "ö"})
        == "http://example.com/%C3%A4%20b/page/?q=%C3%B6"
    )
    assert (
        location(map.match("GET", "/docs"), script_name="/app", query_args="a=b")
        == "http://example.com/app/docs/?a=b"
    )


def test_a_missing_slash_is_added_below_the_mount_point_and_for_any_host() -> None:
    map = rules("/docs/")
    redirect: Any = map.match("GET", "/docs")

    assert (
        redirect.location(scheme="https", host="Example.COM:8443", script_name="/app/")
        == "https://example.com:8443/app/docs/"
    )
    assert (
        redirect.location(scheme="https", host="Example.COM:8443")
        == "https://example.com:8443/docs/"
    )
    assert redirect.location(scheme="", host="a.example") == "http://a.example/docs/"


def test_without_strict_slashes_both_spellings_match() -> None:
    map = rules("/docs/", "/page", "/<int:id>", strict_slashes=False)

    assert endpoint(map.match("GET", "/docs")) == "/docs/"
    assert endpoint(map.match("GET", "/page/")) == "/page"
    assert endpoint(map.match("GET", "/3/")) == "/<int:id>"


def test_other_methods_do_not_make_a_slash_optional() -> None:
    map = Map(
        [
            Rule("/a/", endpoint="a", methods=["POST"]),
            Rule("/b", endpoint="b", methods=["POST"], strict_slashes=False),
            Rule("/b", endpoint="c", methods=["PUT"], strict_slashes=False),
        ]
    )

    assert repr(map.match("GET", "/a")) == "NoMatch()"
    assert repr(map.match("GET", "/b/")) == "WrongMethod(['POST', 'PUT'])"
    assert endpoint(map.match("PUT", "/b/")) == "c"


def test_a_path_variable_before_a_slash_leaves_it_the_slash() -> None:
    map = rules("/wiki/<path:name>/")

    result = map.match("GET", "/wiki/a/b/")

    assert isinstance(result, Match)
    assert result.args == {"name": "a/b"}
    assert location(map.match("GET", "/wiki/a")) == "http://example.com/wiki/a/"


def test_double_slashes_are_merged_by_a_redirect() -> None:
    map = rules("/a/b", "/c/")

    assert location(map.match("GET", "/a//b")) == "http://example.com/a/b"
    assert location(map.match("GET", "//a///b")) == "http://example.com/a/b"
    assert isinstance(map.match("GET", "/a//d"), NoMatch)


def test_a_merged_path_gets_its_missing_slash_in_the_same_redirect() -> None:
    map = rules("/a/b/")

    assert location(map.match("GET", "/a//b")) == "http://example.com/a/b/"


def test_slashes_in_front_count_for_one() -> None:
    map = rules("/<x>", "/a")

    assert endpoint(map.match("GET", "//a")) == "/a"
    assert endpoint(map.match("GET", "///b")) == "/<x>"
    assert endpoint(map.match("GET", "b")) == "/<x>"


def test_a_map_may_stop_merging_slashes_later() -> None:
    map = rules("/a/b")
    assert isinstance(map.match("GET", "/a//b"), Redirect)

    map.merge_slashes = False

    assert isinstance(map.match("GET", "/a//b"), NoMatch)
    assert not map.merge_slashes


def test_a_rule_with_two_slashes_in_front_is_never_reached() -> None:
    map = Map(
        [
            Rule("//<x>", endpoint="odd", merge_slashes=False),
            Rule("//fixed", endpoint="odd too", merge_slashes=False),
            Rule("/<x>", endpoint="plain"),
        ]
    )

    assert endpoint(map.match("GET", "//a")) == "plain"
    assert endpoint(map.match("GET", "//fixed")) == "plain"


def test_an_empty_path_is_sent_to_the_root() -> None:
    map = rules("/", "/<x>")

    assert location(map.match("GET", "")) == "http://example.com/"


def test_subdomains_are_matched_with_variables_too() -> None:
    map = Map(
        [
            Rule("/", endpoint="user", subdomain="<user>"),
            Rule("/", endpoint="api", subdomain="api"),
            Rule("/<int:id>", endpoint="main"),
        ]
    )

    assert endpoint(map.match("GET", "/", subdomain="api")) == "api"
    assert endpoint(map.match("GET", "/1")) == "main"
    found = map.match("GET", "/", subdomain="ada")
    assert isinstance(found, Match)
    assert found.args == {"user": "ada"}


def test_hosts_are_matched_without_regard_to_case() -> None:
    map = Map([Rule("/", endpoint="a", host="a.example")], host_matching=True)

    assert endpoint(map.match("GET", "/", "A.Example")) == "a"
    assert isinstance(map.match("GET", "/", "b.example"), NoMatch)
    assert isinstance(map.match("GET", "/"), NoMatch)


def test_an_alias_is_redirected_to_the_rule_it_stands_for() -> None:
    map = Map(
        [
            Rule("/pages/<int:n>", endpoint="page"),
            Rule("/p/<int:n>", endpoint="page", alias=True),
        ]
    )

    result = map.match("GET", "/p/3")

    assert location(result, query_args="a=b") == "http://example.com/pages/3?a=b"
    assert repr(result) == "AliasRedirect('', '/p/3')"


def test_an_alias_matches_where_redirects_are_off() -> None:
    rule = Rule("/p/<int:n>", endpoint="page", alias=True)
    map = Map([rule], redirect_defaults=False)

    assert endpoint(map.match("GET", "/p/3")) == "page"


def test_the_page_of_the_defaults_has_one_address() -> None:
    map = Map(
        [
            Rule("/all/", endpoint="all", defaults={"page": 1}),
            Rule("/all/<int:page>", endpoint="all"),
        ]
    )

    assert location(map.match("GET", "/all/1")) == "http://example.com/all/"
    found = map.match("GET", "/all/2")
    assert isinstance(found, Match)
    assert found.args == {"page": 2}


def test_a_rule_may_name_another_place() -> None:
    map = Map(
        [
            Rule("/old/<int:id>", redirect_to="new/<id>"),
            Rule("/gone", redirect_to=lambda adapter: adapter.server_name),
        ]
    )

    assert (
        location(map.match("GET", "/old/007"), script_name="/app/")
        == "http://example.com/app/new/7"
    )
    assert location(map.match("GET", "/gone")) == "http://example.com/example.com"


def test_a_redirect_of_a_subdomain_stays_there() -> None:
    map = Map(
        [
            Rule("/a", subdomain="api", redirect_to="/b"),
            Rule("/c/", subdomain="api"),
        ]
    )

    found = map.match("GET", "/a", subdomain="api")
    assert location(found) == "http://api.example.com/b"
    found = map.match("GET", "/c", subdomain="api")
    assert location(found) == "http://api.example.com/c/"


class Crash(BaseConverter):
    def to_python(self, value: str) -> str:
        raise ValueError("a mistake in the converter")


def test_a_mistake_in_a_converter_is_not_hidden() -> None:
    map = Map([Rule("/<x:a>/<b>", endpoint="x")], converters={"x": Crash})

    with pytest.raises(ValueError, match="a mistake in the converter"):
        map.match("GET", "/1/2")


class Loose(BaseConverter):
    regex = "(?P<first>a*)(b?)"


def test_a_converter_may_have_groups_and_match_nothing() -> None:
    map = Map([Rule("/<x:a>-<int:b>", endpoint="x")], converters={"x": Loose})

    result = map.match("GET", "/-3")

    assert isinstance(result, Match)
    assert result.args == {"a": "", "b": 3}


def test_an_empty_path_is_not_the_empty_text_of_a_variable() -> None:
    map = Map([Rule("/<x:a>", endpoint="x")], converters={"x": Loose})

    assert endpoint(map.match("GET", "/")) == "x"
    assert isinstance(map.match("GET", ""), NoMatch)


ODD_PATHS = {
    "two slashes": "//evil.example/%2e",
    "backslash": "/\\evil.example",
    "encoded slash": "/%2f%2fevil.example",
    "nul": "/\x00",
    "broken utf-8": "/\udcff\ufffd",
    "dots": "/../../etc/passwd",
    "at": "//user@evil.example/docs",
    "newline": "/12\n",
    "tab": "/\t/evil.example/docs",
}
ODD_RULES = ["/", "/docs/", "/<int:a>/", "/x/<float:a>", "/<path:a>/edit/", "/<a>/b/"]


@pytest.mark.parametrize("path", ODD_PATHS.values(), ids=ODD_PATHS)
@pytest.mark.parametrize("end", ["", "/", "//", "/docs", "/b", "/edit"])
def test_no_path_redirects_to_another_host(path: str, end: str) -> None:
    result = rules(*ODD_RULES).match("GET", path + end)

    target = location(result) if isinstance(result, Redirect) else ""
    assert target == "" or target.startswith("http://example.com/")
    assert not target.startswith("http://example.com//")


@given(path=st.text(max_size=30), host=st.text(max_size=10))
@example(path="/\ud800", host="\ud800")
@example(path="/a\n", host="a:b:c")
@example(path="/" + "9" * 5000, host="EXAMPLE.com.")
def test_any_path_and_host_get_an_answer(path: str, host: str) -> None:
    map = rules(*ODD_RULES, "/<int:n>/<uuid:u>")
    by_host = Map([Rule("/<x>", host="<h>.com", endpoint="x")], host_matching=True)

    for result in (map.match("GET", path, host), by_host.match("GET", path, host)):
        assert isinstance(result, Match | Redirect | NoMatch)


@pytest.mark.parametrize("path", ["/1\n", "/\n1", "/\u0663\n", "/" + "9" * 5000, "/²"])
def test_what_is_no_number_is_not_found(path: str) -> None:
    map = rules("/<int:n>", "/x/<int:n>/<int:m>")

    assert isinstance(map.match("GET", path), NoMatch)
    assert isinstance(map.match("GET", f"/x{path}/1"), NoMatch)


@pytest.mark.parametrize("text", ["inf", "nan", "1e5", "1.", ".5", "1_0.0", "-1.0"])
def test_a_float_has_digits_and_a_point(text: str) -> None:
    assert isinstance(rules("/<float:x>").match("GET", f"/{text}"), NoMatch)


def test_digits_of_any_script_are_digits() -> None:
    result = rules("/<int:n>").match("GET", "/\u0661\u0662")

    assert isinstance(result, Match)
    assert result.args == {"n": 12}


@given(data=st.data())
def test_a_result_makes_an_http_exception_or_is_a_match(data: st.DataObject) -> None:
    path = data.draw(st.text(alphabet="/abc1.", max_size=10))
    result = rules(*ODD_RULES).match("GET", path)

    assert isinstance(result, Match) or isinstance(
        result.exception(scheme="http", host="example.com"), HTTPException
    )


@pytest.mark.parametrize("text", ["/<a>/<picky:x>", "/<a>/<b>/<picky:x>"])
def test_a_refused_value_is_not_found(text: str) -> None:
    map = rules(text)
    before = "/a" * (text.count("/") - 1)

    assert isinstance(map.match("GET", f"{before}/b"), NoMatch)
    assert endpoint(map.match("GET", f"{before}/a")) == text


def test_a_number_of_5000_digits_is_not_found_behind_others() -> None:
    map = rules("/<a>/<int:b>/<int:c>")

    assert isinstance(map.match("GET", f"/a/1/{'9' * 5000}"), NoMatch)
    assert endpoint(map.match("GET", "/a/1/2")) == "/<a>/<int:b>/<int:c>"


def test_static_text_goes_first_in_a_path_without_a_slash_in_front() -> None:
    map = rules("/a", "/<x>")

    assert endpoint(map.match("GET", "a")) == "/a"


def test_a_refusal_names_the_methods_of_static_text_and_of_variables() -> None:
    map = Map(
        [
            Rule("/x/new", endpoint="new", methods=["GET"]),
            Rule("/x/<name>", endpoint="named", methods=["PUT"]),
        ]
    )

    assert repr(map.match("POST", "/x/new")) == "WrongMethod(['GET', 'HEAD', 'PUT'])"
    assert repr(map.match("POST", "/x/old")) == "WrongMethod(['PUT'])"
    assert endpoint(map.match("PUT", "/x/new")) == "named"


def test_a_path_of_many_variables_is_told_from_others_of_its_length() -> None:
    map = rules("/a/<x>/b/<y>", "/c/d/<int:x>/<y>", "/e/<x>/<y>/<z>", "/f/<x>/y/z")

    assert matched(map.match("GET", "/a/1/b/2")).args == {"x": "1", "y": "2"}
    assert matched(map.match("GET", "/c/d/1/2")).args == {"x": 1, "y": "2"}
    assert matched(map.match("GET", "/e/1/2/3")).args == {"x": "1", "y": "2", "z": "3"}
    assert matched(map.match("GET", "/f/1/y/z")).args == {"x": "1"}
    assert isinstance(map.match("GET", "/a/1/c/2"), NoMatch)
    assert isinstance(map.match("GET", "/c/d/x/2"), NoMatch)
    assert isinstance(map.match("GET", "/g/1/y/z"), NoMatch)


def test_the_only_rule_left_may_redirect_or_take_other_methods() -> None:
    map = Map(
        [
            Rule("/a/<x>/b/", endpoint="slash"),
            Rule("/c/<x>/d", endpoint="moved", redirect_to="/e"),
            Rule("/f/<x>/g", endpoint="post", methods=["POST"]),
            Rule("/h/<x>/i", endpoint="lenient", strict_slashes=False),
        ]
    )

    assert location(map.match("GET", "/a/1/b")) == "http://example.com/a/1/b/"
    assert endpoint(map.match("GET", "/a/1/b/")) == "slash"
    assert location(map.match("GET", "/c/1/d")) == "http://example.com/e"
    assert repr(map.match("GET", "/f/1/g")) == "WrongMethod(['POST'])"
    assert endpoint(map.match("GET", "/h/1/i/")) == "lenient"


def test_a_static_path_that_is_redirected_goes_before_a_variable() -> None:
    map = Map(
        [
            Rule("/x/old", endpoint="old", redirect_to="/y"),
            Rule("/x/page/", endpoint="page"),
            Rule("/x/<name>", endpoint="named"),
        ]
    )

    assert location(map.match("GET", "/x/old")) == "http://example.com/y"
    assert location(map.match("GET", "/x/page")) == "http://example.com/x/page/"
    assert endpoint(map.match("GET", "/x/other")) == "named"


def test_a_method_in_small_letters_is_taken_for_a_large_one() -> None:
    map = Map([Rule("/x", endpoint="x", methods=["GET"]), Rule("/y/<z>", endpoint="y")])

    assert endpoint(map.match("get", "/x")) == "x"
    assert endpoint(map.match("get", "/y/1")) == "y"
    assert repr(map.match("post", "/x")) == "WrongMethod(['GET', 'HEAD'])"


def test_methods_that_nobody_knows_share_a_table() -> None:
    map = Map([Rule("/<x>", endpoint="x", methods=["GET"])])

    for number in range(100):
        assert isinstance(map.match(f"M{number}", "/a"), WrongMethod)

    assert len(map._tables) <= 8


def test_an_empty_text_that_fits_is_not_the_slash_in_front() -> None:
    map = Map([Rule("/<x:a>/b", endpoint="x")], converters={"x": Loose})

    assert endpoint(map.match("GET", "/a/b")) == "x"
    assert isinstance(map.match("GET", "//b"), NoMatch)


def test_a_number_beyond_all_digits_is_not_found_whatever_its_limits() -> None:
    map = rules("/<int(min=2):n>")

    assert isinstance(map.match("GET", "/" + "9" * 5000), NoMatch)
    assert endpoint(map.match("GET", "/2")) == "/<int(min=2):n>"


def test_a_dead_end_is_none_if_slashes_before_it_can_be_merged() -> None:
    map = Map(
        [
            Rule("/a//b/c", endpoint="odd", merge_slashes=False),
            Rule("/a/b/d", endpoint="even"),
            Rule("/x/<loose:y>/b/c", endpoint="empty"),
        ],
        converters={"loose": Loose},
    )

    assert location(map.match("GET", "/a//b/d")) == "http://example.com/a/b/d"
    assert isinstance(map.match("GET", "/a/b//c"), NoMatch)
    assert isinstance(map.match("GET", "/x//b/d"), NoMatch)
