from __future__ import annotations

import pickle
from collections.abc import Callable

import jinja2
import pytest
from jinja2 import DictLoader

from tantalus_templating import (
    BlockMissing,
    FolderMissing,
    NotAMapping,
    SourceMissing,
    StrictUndefined,
    TemplateMissing,
    Templates,
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


def templates() -> Templates:
    pages = {"page.html": "{{ name }}", "news.html": ""}
    return Templates(DictLoader(pages), undefined=StrictUndefined)


def with_a_bad_processor() -> None:
    wrong = templates()
    wrong.context_processor(lambda: 5)
    wrong.render("page.html")


@pytest.mark.parametrize(
    "problem",
    [
        lambda: templates().render("pge.html"),
        lambda: Templates("/no such folder"),
        lambda: templates().render_block("page.html", "list"),
        lambda: templates().context_processor(5),  # type: ignore[type-var] # a mistake
        lambda: templates().render("page.html"),
        with_a_bad_processor,
    ],
    ids=["template", "folder", "block", "function", "variable", "mapping"],
)
def test_an_error_passes_from_one_process_to_another(
    problem: Callable[[], object],
) -> None:
    with pytest.raises(TemplatingError) as caught:
        problem()

    copy = pickle.loads(pickle.dumps(caught.value))

    assert type(copy) is type(caught.value)
    assert str(copy) == str(caught.value)
