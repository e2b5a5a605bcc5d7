"""Signals that the app sends while it works; see blinker for how to listen.

Each is sent only if somebody listens. A receiver gets the app as its sender (for
`message_flashed` and the template signals too) and the rest as keyword arguments.
"""

from __future__ import annotations

from blinker import Namespace

__all__ = [
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "got_request_exception",
    "message_flashed",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "template_rendered",
]

_signals = Namespace()

#: A template is about to be rendered: `template`, `context`.
before_render_template = _signals.signal("before-render-template")
#: A template was rendered: `template`, `context`.
template_rendered = _signals.signal("template-rendered")
#: The context is set up, nothing is dispatched yet.
request_started = _signals.signal("request-started")
#: The response is complete and about to be sent: `response`.
request_finished = _signals.signal("request-finished")
#: The request's context is being torn down: `exc`.
request_tearing_down = _signals.signal("request-tearing-down")
#: An error that no handler took, before the 500 page is made: `exception`.
got_request_exception = _signals.signal("got-request-exception")
#: An app context was made current.
appcontext_pushed = _signals.signal("appcontext-pushed")
#: An app context is no longer current.
appcontext_popped = _signals.signal("appcontext-popped")
#: An app context is being torn down: `exc`.
appcontext_tearing_down = _signals.signal("appcontext-tearing-down")
#: A message was flashed: `message`, `category`.
message_flashed = _signals.signal("message-flashed")
