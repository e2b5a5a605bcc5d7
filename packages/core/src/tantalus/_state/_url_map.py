"""What the settings say about the URL map of an app."""

from __future__ import annotations

from ._app import AppState


def follow_settings(app: AppState) -> None:
    """Let the URL map do what the settings say now."""
    app.url_map.conflicts = app.config["ROUTE_CONFLICTS"]
    app.url_map.round_trip = app.config["CHECK_BUILT_URLS"]
