from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import BaseLoader, ChoiceLoader, DictLoader, FileSystemLoader

from tantalus_templating import (
    Attempt,
    DispatchingLoader,
    Environment,
    TemplateMissing,
    report,
)
from tantalus_templating._loader import describe

Folder = Callable[..., Path]


def environment_of(*loaders: BaseLoader) -> Environment:
    sources = [(f"place {n}", loader) for n, loader in enumerate(loaders, 1)]
    return Environment(loader=DispatchingLoader(lambda: sources))


def loader_of(*loaders: BaseLoader) -> DispatchingLoader:
    loader = environment_of(*loaders).loader
    assert isinstance(loader, DispatchingLoader)
    return loader


def test_the_first_place_that_has_a_template_wins() -> None:
    chosen = environment_of(
        DictLoader({"b": "b of 1"}), DictLoader({"a": "a of 2", "b": "b of 2"})
    )

    assert chosen.get_template("a").render() == "a of 2"
    assert chosen.get_template("b").render() == "b of 1"


def test_a_place_that_comes_later_is_searched_too() -> None:
    places: list[tuple[str, BaseLoader]] = []
    chosen = Environment(loader=DispatchingLoader(lambda: places))

    places.append(("late", DictLoader({"a": "found"})))

    assert chosen.get_template("a").render() == "found"


def test_all_templates_are_listed_sorted_and_once() -> None:
    loader = loader_of(DictLoader({"b": "", "a": ""}), DictLoader({"b": "", "c": ""}))

    assert loader.list_templates() == ["a", "b", "c"]


def test_a_loader_that_cannot_list_says_so() -> None:
    loader = loader_of(jinja2.FunctionLoader(lambda name: None))

    with pytest.raises(TypeError, match="cannot iterate over all templates"):
        loader.list_templates()


def test_a_missing_template_names_the_places_in_order_and_the_nearest(
    folder: Folder,
) -> None:
    first = folder("first", {"index.html": ""})
    second = folder("second", {"admin/list.html": ""})
    chosen = environment_of(FileSystemLoader(first), FileSystemLoader(second))

    with pytest.raises(TemplateMissing) as raised:
        chosen.get_template("admin/lst.html")

    assert str(raised.value) == (
        "Template 'admin/lst.html' does not exist. Searched in order: "
        f"folder '{first}' (place 1); folder '{second}' (place 2). "
        "Did you mean 'admin/list.html'?"
    )
    assert raised.value.name == "admin/lst.html"
    assert raised.value.templates == ["admin/lst.html"]
    assert raised.value.message == "admin/lst.html"


def test_a_missing_template_is_the_error_jinja_raises() -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        environment_of(DictLoader({})).get_template("a")


def test_a_missing_template_without_places_says_that_there_are_none() -> None:
    with pytest.raises(TemplateMissing) as raised:
        environment_of().get_template("a.html")

    assert str(raised.value) == (
        "Template 'a.html' does not exist. "
        "Searched in order: nowhere, as no template folder is set."
    )


def test_the_nearest_name_skips_loaders_that_cannot_list() -> None:
    chosen = environment_of(
        jinja2.FunctionLoader(lambda name: None), DictLoader({"page.html": ""})
    )

    with pytest.raises(TemplateMissing) as raised:
        chosen.get_template("pge.html")

    assert str(raised.value).endswith("Did you mean 'page.html'?")


def test_templates_are_only_listed_when_the_error_is_read() -> None:
    class Counting(DictLoader):
        listed = 0

        def list_templates(self) -> list[str]:
            self.listed += 1
            return super().list_templates()

    loader = Counting({})
    chosen = environment_of(loader)

    chosen.from_string("{% include 'a' ignore missing %}").render()

    assert loader.listed == 0


@pytest.mark.parametrize("loaders", [[], [DictLoader({})]], ids=["none", "one"])
def test_an_undefined_name_is_an_undefined_variable(
    loaders: list[BaseLoader],
) -> None:
    template = environment_of(*loaders).from_string("{% include name %}")

    with pytest.raises(jinja2.UndefinedError, match="'name' is undefined"):
        template.render()


def test_explain_tells_what_each_place_answers(folder: Folder) -> None:
    path = folder("pages", {"a.html": ""})
    loaders = [FileSystemLoader(path), DictLoader({"a.html": ""}), DictLoader({})]
    loader = loader_of(*loaders)

    attempts = loader.explain(Environment(), "a.html")

    assert attempts == [
        Attempt("place 1", loaders[0], f"folder '{path}'", True, f"{path}/a.html"),
        Attempt("place 2", loaders[1], "DictLoader", True, None),
        Attempt("place 3", loaders[2], "DictLoader", False, None),
    ]


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (
            [{"a": ""}, {}],
            "Template 'a' was looked up in:\n"
            "    1: trying loader of place 1, DictLoader -> found (no file)\n"
            "    2: trying loader of place 2, DictLoader -> no match\n"
            "Found once.",
        ),
        (
            [{"a": ""}, {"a": ""}],
            "Template 'a' was looked up in:\n"
            "    1: trying loader of place 1, DictLoader -> found (no file)\n"
            "    2: trying loader of place 2, DictLoader -> found (no file)\n"
            "Found 2 times: the first is used and hides the others.",
        ),
        (
            [{}],
            "Template 'a' was looked up in:\n"
            "    1: trying loader of place 1, DictLoader -> no match\n"
            "Error: the template could not be found. Check its name and the places.",
        ),
    ],
)
def test_a_report_is_for_people(pages: list[dict[str, str]], expected: str) -> None:
    attempts = loader_of(*map(DictLoader, pages)).explain(Environment(), "a")

    assert report("a", attempts) == expected


def test_loaders_are_described_by_where_they_look() -> None:
    package = jinja2.PackageLoader("hypothesis", "vendor")
    folders = FileSystemLoader(["/a", "/b"])
    choice = ChoiceLoader([folders, DictLoader({})])

    assert describe(package) == "folder 'vendor' of package 'hypothesis'"
    assert describe(choice) == "folder '/a', folder '/b', DictLoader"


def test_compiled_templates_can_stand_beside_folders(tmp_path: Path) -> None:
    source = Environment(loader=DictLoader({"compiled": "{{ x }}"}))
    source.compile_templates(tmp_path, zip=None)
    modules = jinja2.ModuleLoader(tmp_path)
    chosen = environment_of(modules, DictLoader({"text": "text"}))

    assert chosen.get_template("compiled").render(x=1) == "1"
    assert chosen.get_template("text").render() == "text"


def test_a_template_missing_beside_compiled_ones_names_the_places(
    tmp_path: Path,
) -> None:
    chosen = environment_of(jinja2.ModuleLoader(tmp_path), DictLoader({"page": ""}))

    with pytest.raises(TemplateMissing) as raised:
        chosen.get_template("pag")

    assert str(raised.value) == (
        "Template 'pag' does not exist. Searched in order: "
        "ModuleLoader (place 1); DictLoader (place 2). Did you mean 'page'?"
    )


SEGMENTS = st.sampled_from(
    [
        *("..", ".", "/", "//", "\\", "\0", "~", "", " ", "%2e%2e", "..\\", "C:"),
        *("inside.html", "folder", "secret.html", "pages", "etc", "passwd", "\ud800"),
    ]
)
NAMES = st.one_of(
    st.lists(SEGMENTS, max_size=6).map("/".join),
    st.lists(SEGMENTS, max_size=6).map("".join),
    st.text(max_size=12),
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site")
    (root / "pages" / "folder").mkdir(parents=True)
    (root / "secret.html").write_text("secret")
    (root / "pages" / "inside.html").write_text("inside")
    (root / "pages" / "folder" / "inside.html").write_text("inside")
    return root / "pages"


@given(name=NAMES)
def test_no_name_leaves_the_folder(name: str, pages: Path) -> None:
    chosen = environment_of(FileSystemLoader(pages))

    try:
        text = chosen.get_template(name).render()
    except TemplateMissing:
        text = "missing"

    assert text in {"inside", "missing"}


@pytest.mark.parametrize(
    "name",
    [
        "../secret.html",
        "folder/../../secret.html",
        "/etc/passwd",
        "//etc/passwd",
        "inside.html\0",
        "\0",
        "folder",
        "",
        ".",
        "x" * 5_000,
    ],
)
def test_these_names_are_missing(name: str, pages: Path) -> None:
    with pytest.raises(TemplateMissing):
        environment_of(FileSystemLoader(pages)).get_template(name)


def test_an_absolute_file_inside_the_folder_is_not_found_by_its_path(
    pages: Path,
) -> None:
    with pytest.raises(TemplateMissing):
        environment_of(FileSystemLoader(pages)).get_template(f"{pages}/inside.html")


class Asked(DictLoader):
    """Counts how often it is asked for a template."""

    times = 0

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        self.times += 1
        return super().get_source(environment, template)


@pytest.mark.parametrize(
    "name", ["a" * 100_000, "a/" * 50_000, "./" * 50_000 + "a", "é" * 1_001]
)
def test_an_endless_name_is_in_no_place(name: str) -> None:
    loader = Asked({name: ""})
    chosen = environment_of(loader)

    with pytest.raises(TemplateMissing) as raised:
        chosen.get_template(name)

    assert len(str(raised.value)) < 300
    assert loader.times == 0
    assert DispatchingLoader(lambda: [("a", loader)]).explain(chosen, name) == []


def test_names_that_are_nowhere_are_not_remembered() -> None:
    chosen = environment_of(DictLoader({"a": ""}))
    chosen.get_template("a")

    for number in range(2_000):
        with pytest.raises(TemplateMissing):
            chosen.get_template(f"unknown-{number}")

    assert chosen.cache is not None
    assert len(chosen.cache) == 1


def test_one_file_under_many_names_is_remembered_a_bounded_number_of_times(
    folder: Folder,
) -> None:
    chosen = environment_of(FileSystemLoader(folder("pages", {"a": ""})))

    for number in range(450):
        chosen.get_template("./" * number + "a")

    assert chosen.cache is not None
    assert len(chosen.cache) == 400
