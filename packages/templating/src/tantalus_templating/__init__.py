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
    SourceMissing,
    TemplateMissing,
    TemplatingError,
    UndefinedVariable,
    UnnamedFunction,
)
from ._fragments import render_block, stream_block
from ._loader import Attempt, DispatchingLoader, report
from ._registration import function_name, registration
from ._render import Template, apply_processors, render, stream
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
    "autoescape_html",
    "autoescape_safe",
    "check",
    "function_name",
    "registration",
    "render",
    "render_block",
    "report",
    "stream",
    "stream_block",
]
