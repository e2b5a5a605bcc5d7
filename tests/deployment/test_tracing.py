"""The instrumentation of OpenTelemetry for Flask, on threads of a real server.

It attaches a span to the context before the request and detaches it in the teardown. A
worker thread that kept the one of a stream would make the next request its child.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from recipes import GRACE, Server, serving

PROGRAM = """\
import tantalus

tantalus.install_as_flask()

import flask
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
app = flask.Flask("traced")
FlaskInstrumentor().instrument_app(app, excluded_urls="/spans")


def current():
    return format(trace.get_current_span().get_span_context().span_id, "x")


@app.get("/plain")
def plain():
    return current()


@app.get("/error")
def error():
    raise KeyError("error")


@app.get("/stream")
def stream():
    def pieces():
        for _ in range(3):
            yield current() + " "

    return flask.Response(flask.stream_with_context(pieces()))


@app.get("/spans")
def spans():
    return [
        {
            "name": span.name,
            "kind": span.kind.name,
            "id": format(span.context.span_id, "x"),
            "child": span.parent is not None,
        }
        for span in exporter.get_finished_spans()
    ]
"""
SERVERS = {
    "gunicorn": "gunicorn --bind 127.0.0.1:8000 --worker-class gthread --threads 2"
    " traced:app",
    "development server": "tantalus --app traced run --port 8000",
}
PATHS = ("/plain", "/plain", "/error", "/stream", "/plain")
ROUNDS = 4  # so that each thread has had a stream, and a request after it


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """Serve the program."""
    (tmp_path / "traced.py").write_text(PROGRAM, encoding="utf-8")
    with serving(SERVERS[request.param], cwd=tmp_path, settings={}) as server:
        yield server


def test_each_request_has_a_span_of_its_own(server: Server) -> None:
    answers = [ask(server, path) for path in PATHS * ROUNDS]
    spans = json.loads(ask(server, "/spans"))

    names = [f"GET {path}" for path in PATHS]
    assert [span["name"] for span in spans] == names * ROUNDS
    assert {span["kind"] for span in spans} == {"SERVER"}
    assert not any(span["child"] for span in spans)
    seen = [set(answer.split()) for answer in answers]
    assert [ids for ids in seen if len(ids) == 1] == [
        {span["id"]} for span in spans if span["name"] != "GET /error"
    ]
    assert "created in a different Context" not in server.log.read_text("utf-8")


def ask(server: Server, path: str) -> str:
    """Return the body of the answer, whatever its status."""
    request = Request(f"http://127.0.0.1:{server.port}{path}")
    try:
        with urlopen(request, timeout=GRACE) as answer:
            return str(answer.read(), "utf-8")
    except HTTPError as error:
        with error:
            return str(error.read(), "utf-8")
