from __future__ import annotations

from tantalus import signals


def test_every_signal_is_public_and_named_after_its_attribute() -> None:
    names = {name: getattr(signals, name).name for name in signals.__all__}

    assert names == {
        "appcontext_popped": "appcontext-popped",
        "appcontext_pushed": "appcontext-pushed",
        "appcontext_tearing_down": "appcontext-tearing-down",
        "before_render_template": "before-render-template",
        "got_request_exception": "got-request-exception",
        "message_flashed": "message-flashed",
        "request_finished": "request-finished",
        "request_started": "request-started",
        "request_tearing_down": "request-tearing-down",
        "template_rendered": "template-rendered",
    }
