"""The figures of a run as SVG files, for the pages of the documentation."""

from __future__ import annotations

from pathlib import Path

import pygal
from pygal.style import CleanStyle

from contest import Row

SHOWN = ["App", "Falcon", "Bottle", "Werkzeug", "Flask"]
# Large enough for a phone.
STYLE = CleanStyle(
    background="transparent",
    label_font_size=15,
    major_label_font_size=15,
    value_font_size=15,
)
# A drawing follows the colours of the page that it is on.
DARK = """
@media (prefers-color-scheme: dark) {
  .pygal-chart .plot > .background { fill: rgba(255, 255, 255, .06) !important }
  .pygal-chart text { fill: #e0e0e0 !important }
  .pygal-chart .axis .line { stroke: #9a9a9a !important }
}
"""
CSS = ("file://style.css", "file://graph.css", f"inline:{DARK}")
# A page may not load scripts from elsewhere; the plots need none.
SETTINGS = {
    "js": (),
    "css": CSS,
    "style": STYLE,
    "legend_at_bottom": True,
    "width": 800,
}


def draw(rows: list[Row], folder: Path) -> list[Path]:
    """Write the plots, two for each number of routes, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for routes in sorted({row.routes for row in rows}):
        some = [row for row in rows if row.routes == routes]
        paths.append(times_faster(some, folder / f"times-faster-{routes}.svg"))
        paths.append(microseconds(some, folder / f"microseconds-{routes}.svg"))
    return paths


def times_faster(rows: list[Row], path: Path) -> Path:
    """Draw how many requests the app answers while Flask answers one."""
    compared = [row for row in rows if row.times_faster("Flask") is not None]
    chart = pygal.HorizontalBar(
        title="Times as fast as Flask",
        height=28 * len(compared) + 120,
        show_legend=False,
        print_values=True,
        value_formatter=lambda number: f"{number:.1f}",
        **SETTINGS,
    )
    # The first of a horizontal chart stands at the bottom.
    compared.reverse()
    chart.x_labels = [row.scenario for row in compared]
    chart.add("App", [row.times_faster("Flask") for row in compared])
    chart.render_to_file(str(path))
    return path


def microseconds(rows: list[Row], path: Path) -> Path:
    """Draw the time of a request by framework, on a logarithmic scale."""
    chart = pygal.HorizontalBar(
        title="Microseconds per request",
        height=70 * len(rows) + 160,
        logarithmic=True,
        range=(1, 3_000),
        y_labels=[1, 10, 100, 1_000],
        value_formatter=lambda number: f"{number:,.0f}",
        **SETTINGS,
    )
    rows = list(reversed(rows))
    chart.x_labels = [row.scenario for row in rows]
    for name in SHOWN:
        figures = [row.figures.get(name) for row in rows]
        chart.add(name, [found and found.best * 1e6 for found in figures])
    chart.render_to_file(str(path))
    return path
