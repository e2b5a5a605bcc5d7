"""The request and response classes of an app: those of `tantalus_http`, and the app."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter, itemgetter
from typing import Any, Protocol

from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Rule

import tantalus_http as http
from tantalus_routing import enclosing_groups

from ._ground import _json
from ._ground._current import current

__all__ = ["Request", "Response"]

# A name of this module is found faster than an attribute of another object.
_current = current.get


class HasSettings(Protocol):
    """An object with attributes that are settings of the app by default."""

    _has_own_settings: bool


def _setting(name: str, key: str, outside: object) -> Any:
    """Return an attribute: its own value if one was set, else a setting of the app.

    Args:
        name: Of the attribute.
        key: Of the setting.
        outside: The value where no app is current.
    """

    def read(instance: HasSettings) -> object:
        if instance._has_own_settings:
            own = instance.__dict__.get(name)
            if own is not None:
                return own
        context = _current(None)
        return outside if context is None else context.app.config[key]

    def write(instance: HasSettings, value: object) -> None:
        instance.__dict__[name] = value
        instance._has_own_settings = True

    return property(read, write)


# The attributes that `form_settings()` returns, and the settings that they read.
_FORM_SETTINGS = {
    "max_content_length": "MAX_CONTENT_LENGTH",
    "max_form_memory_size": "MAX_FORM_MEMORY_SIZE",
    "max_form_parts": "MAX_FORM_PARTS",
    "limits_urlencoded_forms": "LIMIT_URLENCODED_FORMS",
    "explains_missing_files": "DEBUG",
}
_read_form_settings = itemgetter(*_FORM_SETTINGS.values())


class Request(http.Request):
    """A request: Werkzeug's, with what routing found out about it.

    Every attribute is computed when it is first read, but for the two that routing
    reads of each request.
    """

    #: What reads and writes JSON: the app's provider.
    #:
    #: :meta hide-value:
    json_module: Any = _json
    #: The rule that matched, None while unmatched or if nothing matched.
    url_rule: Rule | None = None
    #: The values of the rule's variables, None if nothing matched.
    view_args: dict[str, Any] | None = None
    #: Why nothing matched; raised when the request is dispatched.
    routing_exception: HTTPException | None = None
    #: What the scripts and styles of the page that is answered have, for a policy with
    #: a nonce (`SECURITY_HEADERS`).
    csp_nonce = http.computed(lambda request: http.new_nonce())
    #: The blueprint whose error handler answers although no rule matched.
    _owner: str | None = None

    #: Bytes a body may have; more is answered with 413. None: no limit.
    max_content_length: int | None = _setting(
        "max_content_length", "MAX_CONTENT_LENGTH", http.Request.max_content_length
    )
    #: Bytes a form field that is no file may have. None: no limit.
    max_form_memory_size: int | None = _setting(
        "max_form_memory_size",
        "MAX_FORM_MEMORY_SIZE",
        http.Request.max_form_memory_size,
    )
    #: Fields and files a form may have. None: no limit.
    max_form_parts: int | None = _setting(
        "max_form_parts", "MAX_FORM_PARTS", http.Request.max_form_parts
    )
    #: Whether the limits of forms hold for urlencoded bodies too.
    limits_urlencoded_forms: bool = _setting(
        "limits_urlencoded_forms", "LIMIT_URLENCODED_FORMS", False
    )
    #: Whether asking for a file that its form did not send is explained.
    explains_missing_files: bool = _setting("explains_missing_files", "DEBUG", False)

    _has_own_settings = False

    @http.computed
    def id(self) -> str:
        """What tells this request from others, in logs and between services.

        It is `X-Request-ID` if that is an id by its form, else a new one. Whoever sends
        a request may choose it.
        """
        return http.request_id(self.headers.get("X-Request-ID"))

    def form_settings(self) -> tuple[int | None, int | None, int | None, bool, bool]:
        """Return the attributes that decide on how a form is read."""
        context = _current(None)
        if (
            context is None
            or self._has_own_settings
            # Somebody may have set one of a class, also of this one.
            or _attributes_of(type(self)) != _SETTINGS
        ):
            return super().form_settings()
        return _read_form_settings(context.app.config)  # type: ignore[no-any-return]  # settings are untyped

    @property
    def endpoint(self) -> str | None:
        """The endpoint that matched."""
        rule = self.url_rule
        return None if rule is None else rule.endpoint

    @property
    def blueprint(self) -> str | None:
        """The dotted name of the blueprint whose view, or error handler, answers."""
        endpoint = self.endpoint
        if endpoint is None:
            return self._owner
        if "." not in endpoint:
            return None
        return endpoint.rpartition(".")[0]

    @property
    def blueprints(self) -> list[str]:
        """That blueprint and those around it, innermost first."""
        name = self.blueprint
        return [] if name is None else list(enclosing_groups(name))

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Answer 400; the reason is told while debugging only.

        Raises:
            BadRequest: The body is no JSON, or (415) is not said to be JSON.
        """
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            context = _current(None)
            if context is not None and context.app.debug:
                raise
            raise BadRequest() from error


_attributes_of: Callable[[type[Request]], Any] = attrgetter(*_FORM_SETTINGS)
_SETTINGS = _attributes_of(Request)


class Response(http.Response):
    """A response: Werkzeug's, with HTML as the default media type."""

    default_mimetype: str | None = "text/html"
    #: What reads and writes JSON: the app's provider.
    #:
    #: :meta hide-value:
    json_module: Any = _json
    autocorrect_location_header = False
    _has_own_settings = False
    #: Bytes a cookie may have before a warning is given (`MAX_COOKIE_SIZE`).
    max_cookie_size: int = _setting(
        "max_cookie_size", "MAX_COOKIE_SIZE", http.Response.max_cookie_size
    )
