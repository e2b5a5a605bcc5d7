from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import Write
from fakes import FakeApp, plain_app
from fastapi import APIRouter, FastAPI
from hypothesis import assume, given
from hypothesis import strategies as st
from starlette.applications import Starlette
from strategies import literals, names

from tantalus_cli import (
    NoAppException,
    find_app_by_string,
    find_best_app,
    locate_app,
    prepare_import,
)


def module(**names: object) -> ModuleType:
    made = ModuleType("site_made")
    vars(made).update(names)
    return made


def echo_app(*args: object, **kwargs: object) -> FakeApp:
    app = FakeApp()
    app.config = {"args": args, "kwargs": kwargs}
    return app


def plain_asgi_app(scope: Any, receive: Any, send: Any) -> Any:
    raise AssertionError("nobody asks")


API = FastAPI()


@pytest.mark.parametrize(
    "names",
    [
        {"app": API, "router": APIRouter()},
        {"application": API, "other": Starlette()},
        {"anything": API, "router": APIRouter(), "kind": FastAPI},
        {"app": API, "create_app": Starlette},
        {"app": API, "create_app": lambda: Starlette()},
        {"create_app": lambda: API},
        {"make_app": lambda: API, "app": plain_app},
    ],
)
def test_the_apps_of_asgi_frameworks_are_found_like_others(
    names: dict[str, object],
) -> None:
    assert find_best_app(module(**names)) is API


@pytest.mark.parametrize("text", ["site", "make()", "make"])
def test_an_app_of_an_asgi_framework_is_found_by_its_name(text: str) -> None:
    assert find_app_by_string(module(site=API, make=lambda: API), text) is API


@pytest.mark.parametrize("text", ["app", None])
def test_a_plain_function_of_asgi_is_found(text: str | None) -> None:
    site = module(app=plain_asgi_app)

    found = find_best_app(site) if text is None else find_app_by_string(site, text)

    assert found is plain_asgi_app


def test_several_apps_of_asgi_are_told() -> None:
    with pytest.raises(NoAppException, match="multiple applications"):
        find_best_app(module(one=FastAPI(), two=Starlette()))


def needs_two(first: str, second: str) -> FakeApp:
    return FakeApp(f"{first} {second}")


def broken() -> FakeApp:
    raise TypeError("the factory's own mistake")


APP = FakeApp("wanted")
OTHER = FakeApp("other")


@pytest.mark.parametrize(
    "names",
    [
        {"app": APP, "other": OTHER},
        {"application": APP, "other": OTHER},
        {"anything": APP},
        {"first": APP, "second_name_of_the_same": APP},
        {"create_app": lambda: APP},
        {"create_app": lambda **options: APP},
        {"make_app": lambda: APP},
        {"create_app": lambda: None, "make_app": lambda: APP},
        {"anything": APP, "create_app": lambda: OTHER},
        {"app": plain_app, "anything": APP},
        {"app": plain_app, "create_app": lambda: APP},
        {"create_app": "not a function", "app": APP},
    ],
    ids=lambda names: " ".join(names),
)
def test_the_best_app_of_a_module_is_found(names: dict[str, object]) -> None:
    assert find_best_app(module(**names)) is APP


@pytest.mark.parametrize("name", ["app", "application"])
def test_a_plain_wsgi_callable_with_the_usual_name_will_do(name: str) -> None:
    assert find_best_app(module(**{name: plain_app})) is plain_app


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ({}, "Failed to find an application or factory in module 'site_made'. Use"),
        ({"app": "text"}, "Failed to find an application"),
        (
            {"one": APP, "two": OTHER},
            "multiple applications in module 'site_made': 'one', 'two'."
            " Use 'site_made:one'",
        ),
        (
            {"create_app": needs_two},
            "Detected factory 'create_app' in module 'site_made', but could not call"
            r" it without arguments. Use 'site_made:create_app\(args\)'",
        ),
    ],
    ids=["empty", "no callable", "two apps", "factory with arguments"],
)
def test_a_module_without_a_clear_app_is_told(
    names: dict[str, object], problem: str
) -> None:
    with pytest.raises(NoAppException, match=problem):
        find_best_app(module(**names))


def test_a_mistake_inside_a_factory_is_shown_as_it_is() -> None:
    with pytest.raises(TypeError, match="the factory's own mistake"):
        find_best_app(module(create_app=broken))
    with pytest.raises(TypeError, match="the factory's own mistake"):
        find_app_by_string(module(build=broken), "build()")


@pytest.mark.parametrize(
    ("text", "args", "kwargs"),
    [
        ("echo_app", (), {}),
        ("echo_app()", (), {}),
        (" echo_app ( ) ", (), {}),
        ('echo_app("dev", 3, )', ("dev", 3), {}),
        ("echo_app([1, None], key={'a': -1})", ([1, None],), {"key": {"a": -1}}),
    ],
)
def test_a_factory_is_called_with_the_literals_given(
    text: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> None:
    app = find_app_by_string(module(echo_app=echo_app), text)

    assert isinstance(app, FakeApp)
    assert app.config == {"args": args, "kwargs": kwargs}


@pytest.mark.parametrize("app", [APP, plain_app], ids=["app object", "plain"])
def test_a_name_stands_for_any_wsgi_callable(app: object) -> None:
    assert find_app_by_string(module(thing=app), "thing") is app


def plain_name(number: int) -> int:
    return number


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("create(", r"Failed to parse 'create\(': not an attribute name or function"),
        ("a.b", "Failed to parse 'a.b': not an attribute name"),
        ("a.b()", "the function must be a simple name"),
        ("needs_two(x)", "the arguments are not literal values"),
        ("needs_two(**{})", "the arguments are not literal values"),
        ("needs_two({[]: 1})", "the arguments are not literal values"),
        ("missing", "Failed to find attribute 'missing' in 'site_made'. Check the"),
        (
            "needs_two('one')",
            r"The factory \"needs_two\('one'\)\" in module 'site_made' could not be"
            r" called with the specified arguments. Its parameters are \(first: 'str'",
        ),
        ("needs_two", "The factory 'needs_two' in module 'site_made' could not"),
        ("plain_app()", "The factory 'plain_app()' in module"),
        ("nothing", "not obtained from 'site_made:nothing', but None. Name an app"),
        ("number", "not obtained from 'site_made:number', but 3"),
        ("inner", r"but plain_name\(\) in .*test_locate\.py:\d+\. Name an app"),
    ],
)
def test_a_name_that_leads_to_no_app_is_told(text: str, problem: str) -> None:
    site = module(
        needs_two=needs_two, plain_app=plain_app, nothing=lambda: None, number=3
    )
    site.inner = lambda: plain_name  # type: ignore[attr-defined] # made for this test

    with pytest.raises(NoAppException, match=problem.replace("plain_app()", r"pl.*")):
        find_app_by_string(site, text)


@given(st.text(max_size=30))
def test_no_text_does_more_than_find_no_app(text: str) -> None:
    with suppress(NoAppException):
        find_app_by_string(module(), text)


@given(names, st.lists(literals, max_size=3), st.dictionaries(names, literals))
def test_literals_arrive_as_they_were_written(
    name: str, args: list[Any], kwargs: dict[str, Any]
) -> None:
    written = [*map(repr, args), *(f"{key}={kwargs[key]!r}" for key in kwargs)]
    text = f"{name}({', '.join(written)})"
    assume(_is_expression(text))

    app = find_app_by_string(module(**{name: echo_app}), text)

    assert isinstance(app, FakeApp)
    assert app.config == {"args": tuple(args), "kwargs": kwargs}


def _is_expression(text: str) -> bool:
    with suppress(SyntaxError):  # a keyword such as "if" is no name
        compile(text, "<text>", "eval")
        return True
    return False


@pytest.mark.parametrize(
    ("path", "folder", "name"),
    [
        ("site", "", "site"),
        ("site.py", "", "site"),
        ("below/site", "below", "site"),
        ("site/__init__.py", "", "site"),
        ("site/__init__", "", "site"),
        ("package/inner/__init__.py", "", "package.inner"),
        ("package/inner/leaf", "", "package.inner.leaf"),
        ("site.a.b", "", "site.a.b"),
        ("package/message.txt", "", "package.message.txt"),
    ],
)
def test_a_path_becomes_a_module_and_its_root_importable(
    path: str, folder: str, name: str, write: Write, tmp_path: Path
) -> None:
    write("package/__init__.py", "")
    write("package/inner/__init__.py", "")

    assert prepare_import(path) == name
    assert sys.path[0] == str(tmp_path / folder).rstrip("/")


def test_a_root_that_comes_first_already_is_not_added_again(write: Write) -> None:
    write("site_one.py", "")
    prepare_import("site_one.py")
    before = sys.path[:]

    prepare_import("site_one.py")

    assert sys.path == before


def test_a_module_that_does_not_exist_is_told(write: Write, tmp_path: Path) -> None:
    name = prepare_import(write("site_other.py", "").with_name("site_missing"))

    assert locate_app(name, None, raise_if_not_found=False) is None
    with pytest.raises(
        NoAppException, match=f"Could not import 'site_missing'.*'{tmp_path}'"
    ):
        locate_app(name, None)


@pytest.mark.parametrize("raise_if_not_found", [True, False])
def test_an_import_error_three_modules_deep_keeps_its_traceback(
    raise_if_not_found: bool, write: Write
) -> None:
    write("site_a.py", "import site_b\n")
    write("site_b.py", "import site_c\n")
    write("site_c.py", "import site_that_is_not_there\n")
    prepare_import("site_a.py")

    with pytest.raises(NoAppException) as caught:
        locate_app("site_a", None, raise_if_not_found)

    text = caught.value.format_message()
    assert text.startswith("While importing 'site_a', an ImportError was raised:")
    assert text.index("site_a.py") < text.index("site_b.py") < text.index("site_c.py")
    assert "No module named 'site_that_is_not_there'" in text
    assert "_locate.py" not in text


def test_an_app_is_found_in_a_file(write: Write) -> None:
    write(
        "site_app.py", "def app(environ, start_response): ...\ndef make(): return app"
    )
    prepare_import("site_app.py")

    found = locate_app("site_app", None)

    assert found is locate_app("site_app", "make()")
    assert found.__name__ == "app"  # type: ignore[union-attr] # it is a function
