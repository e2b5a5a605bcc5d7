"""The app class for code that was written for Flask."""

from __future__ import annotations

from tantalus_http import DefaultJSONProvider
from tantalus_sessions import SecureCookieSessionInterface, SessionInterface

from .._app import App
from .._ground._defaults import FLASK_DEFAULTS
from .._setup import _late


class WarningSessionInterface(SecureCookieSessionInterface):
    """Sends a session that is too large for a cookie, with a warning, as Flask does."""

    oversize = "warn"


class Flask(App):
    """An app with exactly Flask's defaults, for code that was written for Flask."""

    default_config = FLASK_DEFAULTS
    json_provider_class = DefaultJSONProvider
    session_interface: SessionInterface = WarningSessionInterface()
    env_prefix = "FLASK"

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Tell whether a template is escaped: by the end of its name; a string is."""
        return _late.autoescapes(filename, safe=False)
