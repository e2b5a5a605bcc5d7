"""The commands of the README, in a copy of what is under version control."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from environments import ROOT, copy_tree, free_port, serving, visitor

LIMIT_SECONDS = 180


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return copy_tree(tmp_path / "clone")


def test_the_first_command_serves_the_board_within_three_minutes(
    clone: Path, tmp_path: Path
) -> None:
    commands = re.findall(
        r"^```sh\n(.*?)\n```", (ROOT / "README.md").read_text(), re.M | re.S
    )
    port = free_port()
    begin = time.monotonic()

    with serving(
        ["bash", "-c", commands[0]],
        cwd=clone,
        port=port,
        settings={
            "HATCH_DATA_DIR": str(tmp_path / "hatch"),
            "TANTALUS_RUN_PORT": str(port),
        },
        seconds=LIMIT_SECONDS,
    ) as address:
        status, page = visitor()(address)

    assert time.monotonic() - begin < LIMIT_SECONDS
    assert status == 200
    assert "Almost there." in page
    assert (clone / "examples" / "board" / "instance" / "board.sqlite").exists()
