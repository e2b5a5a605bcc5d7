"""What a browser makes of a stream of events, step by step as the standard says."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Told:
    """What a page is told of one event."""

    data: str
    event: str = "message"
    last_id: str = ""


@dataclass
class EventSource:
    """A browser's end of a stream (HTML standard, §9.2.6)."""

    told: list[Told] = field(default_factory=list)
    last_id: str = ""
    retry: int | None = None
    comments: int = 0

    def read(self, stream: bytes) -> EventSource:
        """Take a stream that has ended."""
        text = stream.decode().removeprefix("\ufeff")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        data, event, last_id = "", "", self.last_id
        for line in lines:
            name, colon, value = line.partition(":")
            value = value.removeprefix(" ")
            if line == "":
                self.last_id = last_id
                if data != "":
                    self.told.append(Told(data[:-1], event or "message", last_id))
                data, event = "", ""
            elif name == "" and colon:
                self.comments += 1
            elif name == "event":
                event = value
            elif name == "data":
                data += value + "\n"
            elif name == "id" and "\0" not in value:
                last_id = value
            elif name == "retry" and value.isascii() and value.isdecimal():
                self.retry = int(value)
        return self
