"""Taking apart what `match()` returns."""

from __future__ import annotations

from typing import Any

from tantalus_routing import Match, NoMatch, Redirect


def matched(result: Match | Redirect | NoMatch) -> Match:
    """Return a result that is a match, as such."""
    assert isinstance(result, Match)
    return result


def endpoint(result: Match | Redirect | NoMatch) -> Any:
    """Return the endpoint of a match."""
    return matched(result).endpoint


def location(result: Match | Redirect | NoMatch, **request: Any) -> str:
    """Return where a redirect leads, asked at example.com."""
    assert isinstance(result, Redirect)
    return result.location(scheme="http", host="example.com", **request)
