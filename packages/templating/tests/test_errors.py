from __future__ import annotations

import jinja2
import pytest

from tantalus_templating import (
    BlockMissing,
    FolderMissing,
    NotAMapping,
    SourceMissing,
    TemplateMissing,
    TemplatingError,
    UndefinedVariable,
    UnnamedFunction,
)


@pytest.mark.parametrize(
    ("kind", "also"),
    [
        (TemplateMissing, jinja2.TemplateNotFound),
        (FolderMissing, FileNotFoundError),
        (BlockMissing, LookupError),
        (SourceMissing, RuntimeError),
        (NotAMapping, TypeError),
        (UnnamedFunction, TypeError),
        (UndefinedVariable, jinja2.UndefinedError),
    ],
)
def test_every_error_has_our_base_and_the_fitting_known_one(
    kind: type[Exception], also: type[Exception]
) -> None:
    assert issubclass(kind, TemplatingError)
    assert issubclass(kind, also)
