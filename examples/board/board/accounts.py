"""Sign up, log in, log out: the pages, and who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from tantalus import (
    Blueprint,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from tantalus.typing import ResponseReturnValue

from . import users

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

blueprint = Blueprint("accounts", __name__, url_prefix="/account")


@blueprint.before_app_request
def load_user() -> None:
    """Put who is logged in at `g.user`, or None; every page shows it."""
    user_id = session.get("user_id")
    g.user = None if user_id is None else users.find(user_id)


@blueprint.app_template_global()
def log_in_url() -> str:
    """Return the link to the log-in page, which leads back to the page it stands on."""
    is_page = request.method == "GET" and request.blueprint == "posts"
    back = request.full_path.removesuffix("?") if is_page else None
    return url_for("accounts.log_in", next=back)


def login_required(view: View[P]) -> View[P]:
    """Send somebody who is not logged in to the page for it."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if g.user is not None:
            return view(*args, **kwargs)
        flash("Log in first.", "error")
        return redirect(url_for("accounts.log_in"))

    return guarded


@blueprint.get("/sign-up")
def sign_up() -> ResponseReturnValue:
    return render_template("sign_up.html")


@blueprint.post("/sign-up")
def make_account() -> ResponseReturnValue:
    name = request.form.get("name", "").strip()
    try:
        user_id = users.add(name, request.form.get("password", ""))
    except users.Refused as refusal:
        flash(str(refusal), "error")
        return render_template("sign_up.html", name=name), 400
    start_session(user_id)
    flash(f"Welcome, {name}!")
    return redirect(url_for("posts.index"))


@blueprint.get("/log-in")
def log_in() -> ResponseReturnValue:
    return render_template("log_in.html", next=request.args.get("next", ""))


@blueprint.post("/log-in")
def check_login() -> ResponseReturnValue:
    name = request.form.get("name", "").strip()
    next_page = request.form.get("next", "")
    user_id = users.authenticate(name, request.form.get("password", ""))
    if user_id is None:
        flash("This name and password do not belong together.", "error")
        return render_template("log_in.html", name=name, next=next_page), 400
    start_session(user_id)
    flash(f"Welcome back, {name}!")
    return redirect(next_page if is_own_page(next_page) else url_for("posts.index"))


@blueprint.post("/log-out")
def log_out() -> ResponseReturnValue:
    session.clear()
    flash("You are logged out.")
    return redirect(url_for("posts.index"))


def start_session(user_id: int) -> None:
    """Begin anew: nothing that was in the session before belongs to this user."""
    session.clear()
    session["user_id"] = user_id


def is_own_page(target: str) -> bool:
    """Return whether `target` is a path on this site.

    A link to the log-in page could name another site to go on to, and the visitor
    would take it for ours. Browsers read `//host` and `/\\host` as other sites, and
    leave out tabs and line ends before they look.
    """
    return (
        target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and target.isprintable()
    )
