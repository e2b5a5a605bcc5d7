"""The pages of the board: read, post, and delete one's own messages."""

from __future__ import annotations

from datetime import datetime

from tantalus import (
    Blueprint,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from tantalus.typing import ResponseReturnValue

from . import messages
from .accounts import login_required

blueprint = Blueprint("posts", __name__)


@blueprint.app_template_filter("day")
def day(created: str) -> str:
    """Return the time of a message as people read it."""
    return f"{datetime.fromisoformat(created):%d %b %Y, %H:%M} UTC".lstrip("0")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    return show_board()


@blueprint.post("/messages")
@login_required
def post() -> ResponseReturnValue:
    text = request.form.get("text", "")
    try:
        messages.add(g.user["id"], text)
    except messages.Unpostable as refusal:
        flash(str(refusal), "error")
        return show_board(draft=text), 400
    flash("Your message is on the board.")
    return redirect(url_for("posts.index"))


@blueprint.get(messages.ONE)
def one(message_id: int) -> ResponseReturnValue:
    return render_template("one.html", message=messages.find(message_id))


@blueprint.post(f"{messages.ONE}/delete")
@login_required
def delete(message_id: int) -> ResponseReturnValue:
    messages.delete(message_id, author_id=g.user["id"])
    flash("Your message is gone.")
    return redirect(url_for("posts.index"))


def show_board(draft: str = "") -> str:
    """Return the page of messages that the URL asks for, with the form above it."""
    shown = messages.newest(before=request.args.get("before", type=int))
    older = shown[-1]["id"] if len(shown) == messages.PAGE_SIZE else None
    return render_template(
        "index.html",
        messages=shown,
        older=older,
        draft=draft,
        longest=messages.LONGEST_TEXT,
    )
