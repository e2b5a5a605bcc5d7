from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path
from wsgiref.types import StartResponse

import pytest
from conftest import RedisServer
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

from tantalus_channels import MemoryChannels


def run(example: Example) -> None:
    """Run a program in the namespace of those above it, and keep what it prints."""
    source = example.parsed.replace("localhost:6379", example.namespace["redis"])
    program = compile("\n" * example.line + source, example.path, "exec")
    with redirect_stdout(io.StringIO()) as printed:
        exec(program, example.namespace)
    example.namespace["printed"] = printed.getvalue()


def compare(example: Example) -> None:
    """Compare an output with what the program above it printed."""
    assert example.namespace["printed"] == example.parsed


README = Path(__file__).parent.parent / "README.md"
PARSERS = [CodeBlockParser("python", run), CodeBlockParser("text", compare)]
DOCUMENT: Document = Sybil(PARSERS).parse(README)
EXAMPLES: list[Example] = list(DOCUMENT.examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"line {one.line}")
def test_each_program_runs_and_prints_the_output_below_it(
    example: Example, redis_server: RedisServer
) -> None:
    DOCUMENT.namespace["redis"] = f"127.0.0.1:{redis_server.port}"

    example.evaluate()


def test_the_first_program_is_short() -> None:
    assert len(EXAMPLES[0].parsed.splitlines()) <= 15


def test_the_application_streams_what_is_published() -> None:
    source = next(one.parsed for one in EXAMPLES if "def updates" in one.parsed)
    names = {"news": MemoryChannels()["news"]}
    exec(source.replace("idle=15", "idle=0.001"), names)
    started: list[object] = []
    start_response: StartResponse = lambda *start: started.extend(start)  # type: ignore[assignment]  # noqa: E731

    pieces = names["updates"]({}, start_response)  # type: ignore[operator]
    alive = next(pieces)
    names["news"].publish("a")

    assert (alive, started[0]) == (b": alive\n\n", "200 OK")
    assert b"data: a\n\n" in pieces
    pieces.close()
