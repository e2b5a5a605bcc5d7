from __future__ import annotations

import subprocess
import sys

import tantalus_templating

LOADED = """
import sys
import jinja2, markupsafe
before = set(sys.modules)
import tantalus_templating
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
print("asyncio" in sys.modules)
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_templating.__all__ == [
        "HTML_EXTENSIONS",
        "TEMPLATE_SUFFIXES",
        "TEXT_EXTENSIONS",
        "Attempt",
        "BlockMissing",
        "DispatchingLoader",
        "Environment",
        "FolderMissing",
        "NotAMapping",
        "NotAwaited",
        "Problem",
        "SourceMissing",
        "StrictUndefined",
        "Template",
        "TemplateMissing",
        "Templates",
        "TemplatingError",
        "UndefinedVariable",
        "UnnamedFunction",
        "apply_processors",
        "apply_processors_async",
        "autoescape_html",
        "autoescape_safe",
        "check",
        "function_name",
        "registration",
        "render",
        "render_async",
        "render_block",
        "render_block_async",
        "report",
        "stream",
        "stream_async",
        "stream_block",
    ]


def test_importing_loads_nothing_but_what_is_declared() -> None:
    command = [sys.executable, "-c", LOADED]

    result = subprocess.run(command, capture_output=True, text=True, check=True)

    assert result.stdout.splitlines() == ["tantalus_templating", "False"]
