"""The page on observing requests: its log, its spans, its endpoints."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from recipes import blocks
from tantalus import App


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter


@pytest.fixture
def app(exporter: InMemorySpanExporter) -> Any:
    names: dict[str, Any] = {"__name__": "shop"}
    for text in blocks("observing.md", "python"):
        exec(text, names)
    app: App = names["app"]

    @app.get("/broken")
    def broken() -> str:
        raise LookupError("no tea")

    return app


def test_the_access_log_has_a_line_for_each_request(
    app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "access")
    client = app.test_client()

    client.get("/tea/oolong", headers={"X-Request-ID": "a-1"}, buffered=True)
    client.get("/broken", buffered=True)

    lines = [
        json.loads(record.message)
        for record in caplog.records
        if record.name == "access"
    ]
    assert lines[0].pop("seconds") >= 0
    assert lines[0] == {
        "id": "a-1",
        "method": "GET",
        "route": "/tea/<name>",
        "status": 200,
        "error": None,
    }
    assert (lines[1]["status"], lines[1]["error"]) == (500, "LookupError")


def test_a_span_lasts_from_the_match_to_the_last_byte(
    app: Any, exporter: InMemorySpanExporter
) -> None:
    response = app.test_client().get("/tea/oolong")
    early = len(exporter.get_finished_spans())
    response.close()
    app.test_client().get("/broken", buffered=True)

    first, second = exporter.get_finished_spans()
    assert (early, first.name) == (0, "GET /tea/<name>")
    assert dict(first.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/tea/<name>",
        "url.path": "/tea/oolong",
        "http.response.status_code": 200,
    }
    assert second.status.status_code is trace.StatusCode.ERROR
    assert second.events[0].name == "exception"


def test_the_endpoints_of_health_answer(app: Any) -> None:
    client = app.test_client()
    codes = [client.get(url).status_code for url in ("/healthz", "/readyz")]
    app.is_draining = True

    assert codes == [200, 200]
    assert client.get("/readyz").status_code == 503
