"""What the app has to reach under ASGI, in the same run."""

from __future__ import annotations

from budgets import Budget

# At most this part of Starlette's time.
OF_STARLETTE = {
    "text": 0.65,
    "text, plain view": 0.6,
    "json": 0.65,
    "two variables": 0.85,
    "last rule": 0.85,
    "query": 0.85,
    "form": 0.4,
    "json in, json out": 0.85,
    "404": 0.85,
    "session read": 0.6,
    "session written": 0.75,
    "small template": 0.85,
    "3 hooks": 0.85,
    "stream of 10": 0.35,
    "static file": 0.25,
    "WebSocket, 10 echoes": 1.0,
}
# At least so many requests for one of Quart's.
TIMES_QUART = {"text": 9, "json": 9, "query": 9, "form": 9}
# The same for a coroutine view under WSGI and one of Flask's.
COROUTINE_VIEW = 8
# What the guard looks at, in requests of ours for one of Starlette.
GUARDED = {
    name: Budget(1 / OF_STARLETTE[name], measured, "Starlette")
    for name, measured in {
        "text": 0.8,
        "text, plain view": 1.2,
        "json": 0.8,
    }.items()
}
