"""Settings of gunicorn: `gunicorn -c python:tantalus.gunicorn module:app`.

A worker opens what the app opens before its first request, and not with it; if that
fails, the server ends.
"""

from __future__ import annotations

from typing import Any

from ._live._running import start_lifespan


def post_worker_init(worker: Any) -> None:
    """Begin the lifespan of the app in a worker (a hook of gunicorn)."""
    start_lifespan(worker.wsgi)
