"""Jinja set up for the web.

Safe autoescaping, several template folders, context processors, fragments, streaming,
and a check for templates that cannot work. `Templates` is all of it for a program of
any kind; the rest are the parts that a framework puts together itself.
"""

from __future__ import annotations

from ._check import Problem, check
from ._environment import (
    HTML_EXTENSIONS,
    TEMPLATE_SUFFIXES,
    TEXT_EXTENSIONS,
    Environment,
    StrictUndefined,
    autoescape_html,
    autoescape_safe,
)
from ._errors import (
    BlockMissing,
    FolderMissing,
    NotAMapping,
    NotAwaited,
    SourceMissing,
    TemplateMissing,
    TemplatingError,
    UndefinedVariable,
    UnnamedFunction,
)
from ._fragments import render_block, render_block_async, stream_block
from ._loader import Attempt, DispatchingLoader, report
from ._processors import apply_processors, apply_processors_async
from ._registration import function_name, registration
from ._render import Template, render, render_async, stream, stream_async
from ._templates import Templates

__all__ = [
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
