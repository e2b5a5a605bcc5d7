"""What goes with an answer, decided for both protocols."""

from __future__ import annotations

import pytest

from tantalus_sessions._wrapping import Done, Header, headers_for

IGNORED = Done(accessed=False, modified=False, is_lost=False)
READ = Done(accessed=True, modified=False, is_lost=False)
CHANGED = Done(accessed=True, modified=True, is_lost=False)
LOST = Done(accessed=True, modified=False, is_lost=True)
NOT_MISSED = Done(accessed=False, modified=False, is_lost=True)
COOKIE, VARY = ("Set-Cookie", "a=b"), ("Vary", "Cookie")
PRIVATE, UNKEPT = ("Cache-Control", "private"), ("Cache-Control", "no-store")


@pytest.mark.parametrize(
    ("done", "cookies", "said", "added"),
    [
        (IGNORED, [], [], []),
        (IGNORED, ["a=b"], [], [COOKIE, VARY, PRIVATE]),
        (READ, [], [], [VARY]),
        (READ, [], [("Cache-Control", "public")], [VARY]),
        (READ, [], [("vary", "Accept, cookie")], []),
        (READ, [], [("Vary", "*")], []),
        (READ, [], [("Vary", "Accept")], [VARY]),
        (READ, ["a=b"], [("Cache-Control", "public")], [VARY]),
        (IGNORED, ["a=b"], [("cache-control", "s-maxage=9")], []),
        (READ, ["a=b"], [("Cache-Control", "max-age=9")], [COOKIE, VARY, PRIVATE]),
        (CHANGED, ["a=b"], [("Cache-Control", "public")], [COOKIE, VARY]),
        (CHANGED, ["a=b"], [("Cache-Control", "no-store")], [COOKIE, VARY]),
        (CHANGED, ["a=b"], [("Cache-Control", "private")], [COOKIE, VARY]),
        (
            CHANGED,
            ["a=b"],
            [("Cache-Control", "max-age=9"), ("Cache-Control", "private")],
            [COOKIE, VARY],
        ),
        (CHANGED, [], [], [VARY]),
        (LOST, [], [("Cache-Control", "public")], [VARY, UNKEPT]),
        (NOT_MISSED, [], [], []),
    ],
)
def test_cookies_are_kept_by_no_shared_cache_unless_the_application_says_so(
    done: Done, cookies: list[str], said: list[Header], added: list[Header]
) -> None:
    assert headers_for(done, cookies, said) == added
