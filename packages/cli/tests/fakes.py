"""Stand-ins for what the command line finds in a program: apps, routes, plugins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.routing import Map, Rule

from tantalus_cli import AppGroup


class Attempt(NamedTuple):
    rule: object
    outcome: str
    reason: str


class ExplainingMap(Map):
    def explain(self, method: str, path: str) -> list[Attempt]:
        return [
            Attempt(rule, "match" if rule.rule == path else "path", f"for {method}")
            for rule in self.iter_rules()
        ]


class FakeApp:
    """An app object that tells which of its contexts are active."""

    def __init__(self, name: str = "fake", rules: Iterable[Rule] = ()) -> None:
        self.name = name
        self.import_name = name
        self.instance_path = "/srv/instance"
        self.debug = False
        self.config: dict[str, Any] = {}
        self.cli = AppGroup(name)
        self.url_map: Map = Map(rules)
        self.contexts = 0
        self.entered = 0

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse, /
    ) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [self.name.encode()]

    @contextmanager
    def app_context(self) -> Iterator[None]:
        self.contexts += 1
        self.entered += 1
        try:
            yield
        finally:
            self.contexts -= 1

    def make_shell_context(self) -> dict[str, Any]:
        return {"app": self, "answer": 42}


class FakePlugin:
    """An entry point whose `load` returns or raises what it was given."""

    group = "tantalus.commands"
    value = "package:command"

    def __init__(self, name: str, found: object) -> None:
        self.name = name
        self.found = found
        self.loaded = 0

    def load(self) -> object:
        self.loaded += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


def plain_app(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"plain"]


class OpeningApp(FakeApp):
    """An app that opens something in each process that serves it."""

    lifespan = "what it opens"

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__("opening")
        self.error = error
        self.started = 0

    def start(self) -> None:
        self.started += 1
        if self.error is not None:
            raise self.error
