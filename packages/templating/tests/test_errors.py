from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from functools import partial

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
from tantalus_templating._errors import describe_function, did_you_mean


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


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("idnex.html", ["index.html", "login.html"], " Did you mean 'index.html'?"),
        ("admin/lst.html", ["admin/list.html"], " Did you mean 'admin/list.html'?"),
        ("uper", ["upper", "lower"], " Did you mean 'upper'?"),
        ("login.html", ["index.html"], ""),
        ("edit.html", ["list.html"], ""),
        ("new.html", ["old.html"], ""),
        ("index.txt", ["index.html"], ""),
        ("a" * 50_000, ["a" * 50_000 + "b"], ""),
    ],
    ids=["swapped", "omitted", "filter", "ending", "two", "short", "kind", "endless"],
)
def test_only_a_name_that_is_close_is_suggested(
    name: str, known: list[str], hint: str
) -> None:
    assert did_you_mean(name, known) == hint


LINE = describe_function.__code__.co_firstlineno


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (describe_function, rf"^describe_function \(.*_errors\.py:{LINE}\)$"),
        (partial(describe_function), r"^partial of describe_function \(.*:\d+\)$"),
        (object(), "^object of 'object'$"),
        (len, "^len$"),
        (7, "^7$"),
    ],
    ids=["function", "partial", "object", "builtin", "value"],
)
def test_a_function_is_called_by_its_place_and_never_by_an_address(
    value: object, text: str
) -> None:
    assert re.search(text, describe_function(value))
