"""Fuzz the readers of clients' text, led by coverage.

    python tests/fuzz/fuzz.py [TARGET ...] [--seconds 10] [--corpus FOLDER]

Each target runs in a process of its own for so many seconds, with what it found before
if there is a folder to keep it in. An input that breaks one is printed and written to
`crash-…`; to try it again: python tests/fuzz/fuzz.py TARGET --again FILE
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

# A single input that takes longer hangs.
PATIENCE_SECONDS = 10
MOST_BYTES = 4096
INSTRUMENTED = [
    "targets",
    "tantalus",
    "tantalus_http",
    "tantalus_routing",
    "tantalus_sessions",
    "werkzeug",
]


def main() -> int:
    """Run what was asked for, and return the exit code."""
    asked = arguments()
    if asked.again:
        from targets import TARGETS  # noqa: PLC0415 - not instrumented, unlike below

        TARGETS[asked.target[0]][0](Path(asked.again).read_bytes())
        print("This input breaks nothing.")
        return 0
    if asked.inside:
        fuzz(asked.target[0], asked.seconds, Path(asked.corpus))
    names = asked.target or listed()
    failed = [name for name in names if not holds(name, asked.seconds, asked.corpus)]
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", nargs="*", help="by default all")
    parser.add_argument("--seconds", type=int, default=10, help="for each target")
    parser.add_argument("--corpus", help="a folder that keeps what was found")
    parser.add_argument("--again", help="a file with an input to try once")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def listed() -> list[str]:
    from targets import TARGETS  # noqa: PLC0415 - not instrumented, unlike below

    return list(TARGETS)


def holds(name: str, seconds: int, corpus: str | None) -> bool:
    """Fuzz one target in a process of its own; print what broke it."""
    with TemporaryDirectory() as folder:
        kept = Path(corpus or folder, name)
        kept.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, __file__, name, "--inside"]
        options = ["--seconds", str(seconds), "--corpus", str(kept)]
        ended = subprocess.run(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    tried = re.findall(r"^#(\d+)\s", ended.stdout, re.M)[-1:]
    verdict = "ok" if ended.returncode == 0 else "BROKEN"
    print(f"{name:10} {verdict}  {' '.join(tried)} inputs", flush=True)
    if ended.returncode != 0:
        print(ended.stdout, flush=True)
    return ended.returncode == 0


def fuzz(name: str, seconds: int, corpus: Path) -> None:
    """Fuzz until the time is over; ends the process."""
    atheris = import_module("atheris")  # only this process needs it
    with atheris.instrument_imports(include=INSTRUMENTED):
        from targets import TARGETS  # noqa: PLC0415 - instrumented now

    target, seeds = TARGETS[name]
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    flags = [
        f"-max_total_time={seconds}",
        f"-timeout={PATIENCE_SECONDS}",
        f"-max_len={MOST_BYTES}",
        f"-artifact_prefix={os.getcwd()}/",
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
