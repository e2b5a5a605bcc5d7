"""What a type checker infers; checked, never run."""

from __future__ import annotations

from typing import assert_type

from werkzeug.wrappers import Request

from tantalus_routing import Built, Map, Match, NoMatch, Redirect, RouteGroup, Router

router = Router()
group = RouteGroup()


@router.get("/<int:id>")
@group.route("/<int:id>", methods=["GET"])
def show(request: Request, id: int) -> str:
    return str(id)


assert_type(show(Request({}), 3), str)
assert_type(router.match("GET", "/"), Match | Redirect | NoMatch)
assert_type(Map().build("x"), Built)
assert_type(router.url_for("x", id=3), str)

result = Map().match("GET", "/")
if type(result) is not Match:
    assert_type(result, Redirect | NoMatch)
