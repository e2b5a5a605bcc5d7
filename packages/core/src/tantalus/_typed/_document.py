"""The OpenAPI document of an app, and the page that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from os import PathLike
from typing import Any

from tantalus_typed import (
    DOCS_STYLE,
    Bound,
    Operation,
    docs_page,
    document,
    swagger_ui_files,
    swagger_ui_page,
)

from .._answers._files import send_file
from .._state._app import AppState
from ..ctx import current_app_context
from ..wrappers import Response
from ._binding import typed_views
from ._candidates import Candidate
from ._variables import path_schemas

Document = dict[str, Any]  # Any: a JSON value
Add = Callable[[str, str, Callable[..., Response]], None]
# Methods that the app answers by itself.
_AUTOMATIC = frozenset({"HEAD", "OPTIONS"})
_KEY = "tantalus.openapi"
# The page has no scripts, and loads nothing but its stylesheet.
_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
# Swagger UI asks this site alone, and has pictures in its stylesheet.
_POLICY_OF_SCRIPTS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class About:
    """What a document says beside its operations.

    Attributes:
        title: Of the API; None for the name of the app.
        version: Of the API.
        edit: Changes the document.
    """

    title: str | None = None
    version: str = "1"
    edit: Callable[[Document], object] | None = None


def openapi(app: AppState) -> Document:
    """Return the OpenAPI 3.1 document of the typed views of an app.

    Raises:
        TypeError: Two operations, or two types, would have one name.
    """
    views = typed_views(app, "App.openapi()")
    about: About = app.extensions.get(_KEY, About())
    made = document(
        list(_operations(views.all())),
        title=app.name if about.title is None else about.title,
        version=about.version,
    )
    problem = made["components"].get("responses", {}).get("Problem")
    if problem is not None:  # for browsers, which ask for it
        problem["content"]["text/html"] = {"schema": {"type": "string"}}
    if about.edit is not None:
        about.edit(made)
    return made


def _operations(found: list[tuple[Candidate, Bound]]) -> Iterator[Operation]:
    """Yield what the rules of typed views answer, in the order of their URLs."""
    names: set[str] = set()
    asked = sorted(
        (one.rule.rule, method, one.rule.endpoint, index)
        for index, (one, _) in enumerate(found)
        for method in one.methods - _AUTOMATIC
    )
    per_endpoint = [endpoint for _, _, endpoint, _ in asked]
    for path, method, endpoint, index in asked:
        name = endpoint
        if per_endpoint.count(endpoint) > 1:
            name = f"{endpoint}_{method.lower()}"
        number = 1
        while name in names:
            number += 1
            name = f"{endpoint}_{method.lower()}_{number}"
        names.add(name)
        group = endpoint.rpartition(".")[0]
        tags = [group] if group else []
        variables = path_schemas(found[index][0].rule)
        yield Operation(method, path, found[index][1], name, tags, variables)


def add_openapi(
    app: Any, path: str, about: About, swagger_ui: bool | str | PathLike[str]
) -> None:
    """Serve the page at a path, the document and what the page loads below it."""
    app.extensions[_KEY] = about
    made = cache(lambda: openapi(current_app_context().app))
    # Relative to the page, wherever the app is mounted.
    below = path.rpartition("/")[2]

    def source() -> Response:
        return _response(to_json(made()), "application/json")

    def add(rest: str, endpoint: str, view: Callable[..., Response]) -> None:
        app.add_url_rule(f"{path}{rest}", endpoint, view, typed=False)

    add("/openapi.json", "openapi_json", source)
    if swagger_ui is False:
        _add_page(add, below, made)
    else:
        _add_swagger_ui(add, below, made, None if swagger_ui is True else swagger_ui)


def _add_page(add: Add, below: str, made: Callable[[], Document]) -> None:
    def page() -> Response:
        style, source = f"{below}/style.css", f"{below}/openapi.json"
        return _page(docs_page(made(), style=style, source=source), _POLICY)

    add("", "openapi", page)
    add("/style.css", "openapi_style", lambda: _response(DOCS_STYLE, "text/css"))


def _add_swagger_ui(
    add: Add,
    below: str,
    made: Callable[[], Document],
    folder: str | PathLike[str] | None,
) -> None:
    paths = swagger_ui_files(folder)

    def page() -> Response:
        title, source = made()["info"]["title"], f"{below}/openapi.json"
        text = swagger_ui_page(title, source=source, files=f"{below}/ui")
        return _page(text, _POLICY_OF_SCRIPTS)

    add("", "openapi", page)
    names = ", ".join(f"'{name}'" for name in paths)
    add(f"/ui/<any({names}):name>", "openapi_ui", lambda name: send_file(paths[name]))


def to_json(made: Document) -> str:
    """Return a document as it is served and written to files."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _page(text: str, policy: str) -> Response:
    return _response(text, "text/html", {"Content-Security-Policy": policy})


def _response(text: str, kind: str, headers: dict[str, str] | None = None) -> Response:
    return current_app_context().app.response_class(
        text, mimetype=kind, headers=headers
    )
