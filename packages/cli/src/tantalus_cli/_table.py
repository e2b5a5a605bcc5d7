"""Print rows in columns: with rich on a terminal, as plain text anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

Row = Sequence[str]


def echo_table(headers: Row, rows: Sequence[Row]) -> None:
    """Print `rows` below `headers`; every row has as many cells as there are headers.

    What is not a terminal (a pipe, a file) gets plain columns, two spaces apart.
    """
    if not sys.stdout.isatty() or not _echo_rich_table(headers, rows):
        for line in plain_table(headers, rows):
            click.echo(line)


def plain_table(headers: Row, rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table in plain text: headers, a rule, and the rows."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    return [_plain_row(row, widths) for row in (headers, rule, *rows)]


def _plain_row(row: Row, widths: Sequence[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join(cells).rstrip()


def _echo_rich_table(headers: Row, rows: Sequence[Row]) -> bool:
    """Print with rich and return True, or False where it is not installed."""
    try:
        from rich.console import Console  # noqa: PLC0415 - an optional dependency
        from rich.table import Table  # noqa: PLC0415 - an optional dependency
        from rich.text import Text  # noqa: PLC0415 - an optional dependency
    except ImportError:
        return False
    table = Table(box=None, header_style="bold", pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        # Text, because a cell such as "[id]" is no markup.
        table.add_row(*map(Text, row))
    Console().print(table)
    return True
