"""Which methods a route answers: what was asked for, and what its view says itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

AUTOMATIC = "OPTIONS"


def route_methods(
    rule: str,
    view: object,
    methods: Iterable[str] | None,
    automatic: Any = None,
    *,
    automatic_by_default: Any = True,
) -> tuple[set[str], Any]:
    """Return the methods of a route, and whether OPTIONS is answered without its view.

    What nobody says here a view may say by attributes: `methods`, `required_methods`
    (which it has beside any others) and `provide_automatic_options`.

    Args:
        rule: The text of the rule, for the error.
        methods: In any case; None for those of the view, else GET.
        automatic: Whether OPTIONS is answered without the view; None to find out.
        automatic_by_default: What it is if nobody says and `methods` has no OPTIONS.

    Raises:
        TypeError: They are one text, whose letters would each be a method.
    """
    if methods is None:
        methods = getattr(view, "methods", None) or ("GET",)
    if isinstance(methods, str):
        raise TypeError(
            f"Rule {rule!r}: methods={methods!r} is one text. Allowed methods must be a"
            f" list of strings, for example: @app.route(..., methods=[{methods!r}])"
        )
    names = {name.upper() for name in methods}
    if automatic is None:
        automatic = getattr(view, "provide_automatic_options", None)
    if automatic is None:
        automatic = AUTOMATIC not in names and automatic_by_default
    names.update(getattr(view, "required_methods", ()))
    if automatic:
        names.add(AUTOMATIC)
    return names, automatic
