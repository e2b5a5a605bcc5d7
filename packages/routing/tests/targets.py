"""What the tests register routes on."""

from __future__ import annotations

from typing import Any

from tantalus_routing import RouteDecorators


class Recorder(RouteDecorators):
    """Keeps what the decorators register."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Any = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        self.calls.append((rule, endpoint, view_func, options))
