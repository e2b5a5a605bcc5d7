from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from fakes import FakeSignal

from tantalus_testing import (
    MissingSignalError,
    captured_templates,
    recorded_logs,
    recorded_signals,
)


def app_with_signal() -> SimpleNamespace:
    return SimpleNamespace(template_rendered_signal=FakeSignal())


def test_templates_are_captured_with_their_contexts() -> None:
    app = app_with_signal()

    with captured_templates(app) as templates:
        app.template_rendered_signal.send(app, template="a", context={"x": 1}, extra=2)
        app.template_rendered_signal.send(app, template="b", context={})

    assert templates == [("a", {"x": 1}), ("b", {})]
    assert templates[0].template == "a"
    assert templates[0].context == {"x": 1}


def test_templates_of_other_apps_and_times_are_not_captured() -> None:
    app = app_with_signal()

    with captured_templates(app) as templates:
        app.template_rendered_signal.send("other", template="a", context={})
    app.template_rendered_signal.send(app, template="b", context={})

    assert templates == []


def test_the_signal_can_be_given() -> None:
    signal = FakeSignal()

    with captured_templates("app", signal=signal) as templates:
        signal.send("app", template="a", context={})

    assert templates == [("a", {})]


def test_an_app_without_the_signal_is_told() -> None:
    with (
        pytest.raises(
            MissingSignalError,
            match=r"Cannot capture the templates of 7: it has no "
            r"'template_rendered_signal'\. Pass one: captured_templates\(app, signal=",
        ),
        captured_templates(7),
    ):
        pass


def test_signals_are_recorded_in_order() -> None:
    first, second = FakeSignal(), FakeSignal()

    with recorded_signals(first, second) as signals:
        second.send("ada", n=1)
        first.send("bob")
    first.send("later")

    assert signals == [(second, "ada", {"n": 1}), (first, "bob", {})]


def test_signals_of_one_sender_can_be_recorded() -> None:
    signal = FakeSignal()

    with recorded_signals(signal, sender="ada") as signals:
        signal.send("bob")
        signal.send("ada")

    assert [one.sender for one in signals] == ["ada"]


def test_a_failing_block_lets_go_of_the_signals() -> None:
    app = app_with_signal()
    signal = app.template_rendered_signal

    with (
        pytest.raises(ZeroDivisionError),
        captured_templates(app),
        recorded_signals(signal),
    ):
        raise ZeroDivisionError

    assert signal.receivers == []


def test_logs_are_recorded() -> None:
    logger = logging.getLogger("tantalus.tests.logs")

    with recorded_logs(logger) as logs:
        logger.debug("one %s", 1)
        logger.getChild("below").warning("two")

    assert logs.messages == ["one 1", "two"]
    assert [record.levelname for record in logs] == ["DEBUG", "WARNING"]


def test_a_logger_can_be_named_and_a_level_set() -> None:
    with recorded_logs("tantalus.tests.named", "WARNING") as logs:
        logging.getLogger("tantalus.tests.named").info("below")
        logging.getLogger("tantalus.tests.named").error("above")

    assert logs.messages == ["above"]


def test_a_disabled_logger_is_heard_and_then_disabled_again() -> None:
    logger = logging.getLogger("tantalus.tests.disabled")
    logger.disabled = True
    logger.setLevel(logging.CRITICAL)

    with recorded_logs(logger, logging.INFO) as logs:
        logger.info("heard")
    logger.critical("unheard")

    assert logs.messages == ["heard"]
    assert logger.level == logging.CRITICAL
    assert logger.handlers == []
