"""Record what an app renders, signals and logs while a block runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, Protocol

from ._errors import MissingSignalError


class Signal(Protocol):
    """A signal as Blinker makes them; receivers get (sender, **values)."""

    def connect(self, receiver: Callable[..., Any], sender: Any = ..., /) -> object:
        """Call `receiver` at each send, or only at those of `sender` if it is given."""

    def disconnect(self, receiver: Callable[..., Any], /) -> object:
        """Undo `connect`, for whatever sender it was."""


class CapturedTemplate(NamedTuple):
    """One template that was rendered: unpacks as `template, context`."""

    template: Any
    context: dict[str, Any]


class RecordedSignal(NamedTuple):
    """One signal that was sent: unpacks as `signal, sender, values`."""

    signal: Signal
    sender: object
    values: dict[str, Any]


class LogRecords(list[logging.LogRecord]):
    """What was logged, oldest first."""

    @property
    def messages(self) -> list[str]:
        """The texts, with their arguments filled in."""
        return [record.getMessage() for record in self]


@contextmanager
def captured_templates(
    app: object, *, signal: Signal | None = None
) -> Iterator[list[CapturedTemplate]]:
    """Return, for a block, the list of the templates that `app` renders in it.

    Args:
        app: The sender of the signal.
        signal: Sent with `template` and `context`; by default the attribute
            `template_rendered_signal` of the app.

    Raises:
        MissingSignalError: There is none.
    """
    signal = signal or getattr(app, "template_rendered_signal", None)
    if signal is None:
        raise MissingSignalError(app)
    templates: list[CapturedTemplate] = []

    def record(_sender: object, template: Any, context: Any, **_more: object) -> None:
        templates.append(CapturedTemplate(template, context))

    signal.connect(record, app)
    try:
        yield templates
    finally:
        signal.disconnect(record)


@contextmanager
def recorded_signals(
    *signals: Signal, sender: object = None
) -> Iterator[list[RecordedSignal]]:
    """Return, for a block, the list of what `signals` send in it, in order.

    Args:
        sender: Record only what this one sends.
    """
    records: list[RecordedSignal] = []
    with ExitStack() as stack:
        for signal in signals:
            receiver = _receiver(signal, records)
            if sender is None:
                signal.connect(receiver)
            else:
                signal.connect(receiver, sender)
            stack.callback(signal.disconnect, receiver)
        yield records


def _receiver(signal: Signal, records: list[RecordedSignal]) -> Callable[..., None]:
    def record(sender: object, **values: Any) -> None:
        records.append(RecordedSignal(signal, sender, values))

    return record


@contextmanager
def recorded_logs(
    logger: logging.Logger | str, level: int | str = logging.DEBUG
) -> Iterator[LogRecords]:
    """Return, for a block, the list of what `logger` and its children log in it.

    The logger lets through `level` and above meanwhile, and is as before afterwards.

    Args:
        logger: A logger or its name; "" is the root.
    """
    logger = logging.getLogger(logger) if isinstance(logger, str) else logger
    handler = _ListHandler()
    handler.setLevel(level)
    before = logger.level, logger.disabled
    logger.setLevel(level)
    logger.disabled = False
    logger.addHandler(handler)
    try:
        yield handler.records
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.disabled = before[1]


class _ListHandler(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records = LogRecords()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
