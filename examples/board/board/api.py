"""The messages as JSON, for programs. Who is logged in is known by the same cookie.

A page of another site cannot post here: its browser would ask us first whether it
may send JSON, and nobody answers yes.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from tantalus import Blueprint, abort, g, request, url_for
from tantalus.typing import ResponseReturnValue

from . import messages

blueprint = Blueprint("api", __name__, url_prefix="/api")

MOST_AT_ONCE = 100


@blueprint.get("/messages")
def newest() -> ResponseReturnValue:
    limit = request.args.get("limit", messages.PAGE_SIZE, type=int)
    shown = messages.newest(
        before=request.args.get("before", type=int),
        limit=max(1, min(limit, MOST_AT_ONCE)),
    )
    return {"messages": [as_json(message) for message in shown]}


@blueprint.post("/messages")
def post() -> ResponseReturnValue:
    user = required_user()
    body = request.get_json()
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        abort(400, 'Send an object with the message: {"text": "..."}.')
    try:
        message_id = messages.add(user["id"], body["text"])
    except messages.Unpostable as refusal:
        abort(400, str(refusal))
    address = url_for("api.one", message_id=message_id)
    return as_json(messages.find(message_id)), 201, {"Location": address}


@blueprint.get(messages.ONE)
def one(message_id: int) -> ResponseReturnValue:
    return as_json(messages.find(message_id))


@blueprint.delete(messages.ONE)
def delete(message_id: int) -> ResponseReturnValue:
    messages.delete(message_id, author_id=required_user()["id"])
    return "", 204


def as_json(message: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": message["id"],
        "author": message["author"],
        "text": message["text"],
        "created": message["created"],
        "url": url_for("posts.one", message_id=message["id"], _external=True),
    }


def required_user() -> sqlite3.Row:
    if g.user is None:
        abort(401, "Log in first: the session cookie says who posts.")
    user: sqlite3.Row = g.user
    return user
