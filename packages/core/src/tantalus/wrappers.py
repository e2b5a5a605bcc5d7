"""The request and response classes of an app: those of `tantalus_http`, and the app."""

from __future__ import annotations

from typing import Any, Generic, Self, TypeVar, overload

from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Rule

import tantalus_http as http

from . import json
from ._blueprint_names import _split_blueprint_path
from .globals import _cv_app

__all__ = ["Request", "Response"]

T = TypeVar("T")


class _Setting(Generic[T]):
    """An attribute: its own value if one was set, else a setting of the current app.

    Args:
        key: Of the setting.
        outside: The value where no app is current.
    """

    def __init__(self, key: str, outside: T) -> None:
        self._key = key
        self._outside = outside

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object, owner: type) -> T | Self:
        if instance is None:
            return self
        own: T | None = instance.__dict__.get(self._name)
        if own is not None:
            return own
        context = _cv_app.get(None)
        if context is None:
            return self._outside
        setting: T = context.app.config[self._key]
        return setting

    def __set__(self, instance: object, value: T) -> None:
        instance.__dict__[self._name] = value


class Request(http.Request):
    """A request: Werkzeug's, with what routing found out about it.

    Every attribute is computed when it is first read, but for the two that routing
    reads of each request.
    """

    json_module: Any = json
    #: The rule that matched, None while unmatched or if nothing matched.
    url_rule: Rule | None = None
    #: The values of the rule's variables, None if nothing matched.
    view_args: dict[str, Any] | None = None
    #: Why nothing matched; raised when the request is dispatched.
    routing_exception: HTTPException | None = None

    #: Bytes a body may have; more is answered with 413. None: no limit.
    max_content_length = _Setting("MAX_CONTENT_LENGTH", http.Request.max_content_length)
    #: Bytes a form field that is no file may have. None: no limit.
    max_form_memory_size = _Setting(
        "MAX_FORM_MEMORY_SIZE", http.Request.max_form_memory_size
    )
    #: Fields and files a form may have. None: no limit.
    max_form_parts = _Setting("MAX_FORM_PARTS", http.Request.max_form_parts)
    #: Whether the limits of forms hold for urlencoded bodies too.
    limits_urlencoded_forms = _Setting("LIMIT_URLENCODED_FORMS", False)
    #: Whether asking for a file that its form did not send is explained.
    explains_missing_files = _Setting("DEBUG", False)

    @property
    def endpoint(self) -> str | None:
        """The endpoint that matched."""
        rule = self.url_rule
        return None if rule is None else rule.endpoint

    @property
    def blueprint(self) -> str | None:
        """The dotted name of the blueprint whose view matched."""
        endpoint = self.endpoint
        if endpoint is None or "." not in endpoint:
            return None
        return endpoint.rpartition(".")[0]

    @property
    def blueprints(self) -> list[str]:
        """The matched blueprint and those around it, innermost first."""
        name = self.blueprint
        return [] if name is None else list(_split_blueprint_path(name))

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Answer 400; the reason is told while debugging only.

        Raises:
            BadRequest: The body is no JSON, or (415) is not said to be JSON.
        """
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            context = _cv_app.get(None)
            if context is not None and context.app.debug:
                raise
            raise BadRequest() from error


class Response(http.Response):
    """A response: Werkzeug's, with HTML as the default media type."""

    default_mimetype: str | None = "text/html"
    json_module: Any = json
    autocorrect_location_header = False
    #: Bytes a cookie may have before a warning is given (`MAX_COOKIE_SIZE`).
    max_cookie_size = _Setting("MAX_COOKIE_SIZE", http.Response.max_cookie_size)
