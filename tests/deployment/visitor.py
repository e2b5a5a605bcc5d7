"""A visitor of the shop: asks with curl, and keeps cookies as a browser does."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipes import required

HOST = "shop.example"


@dataclass
class Answer:
    """What curl received."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)


@dataclass
class Visitor:
    """Talks to whoever listens at `port` as if it were the shop on the internet."""

    port: int
    folder: Path
    name: str = "visitor"

    def ask(self, path: str, *options: str) -> Answer:
        """Return the answer to a request over https, with what curl's options say."""
        jar = str(self.folder / f"{self.name}.cookies")
        command = [
            *(required("curl"), "--silent", "--show-error", "--include", "--http1.1"),
            *("--cacert", str(self.folder / "shop.pem"), "--max-time", "60"),
            *("--connect-to", f"{HOST}:443:127.0.0.1:{self.port}"),
            *("--cookie", jar, "--cookie-jar", jar),
            *options,
            f"https://{HOST}{path}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return parse(done.stdout)


def parse(received: str) -> Answer:
    """Return an answer that curl printed, without the 100 before it."""
    head, _, body = received.partition("\n\n")
    while head.split()[1] == "100":
        head, _, body = body.partition("\n\n")
    first, *lines = head.splitlines()
    pairs = (line.partition(": ")[::2] for line in lines)
    return Answer(int(first.split()[1]), {k.lower(): v for k, v in pairs}, body)
