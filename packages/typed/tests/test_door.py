from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus_typed

LOADED = """
import sys
before = set(sys.modules)
import tantalus_typed
new = {name.partition(".")[0] for name in set(sys.modules) - before}
new -= {"typing_extensions"}  # msgspec takes it where it is installed
print(*sorted({name for name in new - set(sys.stdlib_module_names) if name[0] != "_"}))
print("asyncio" in sys.modules, "tantalus_typed._openapi" in sys.modules)
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_typed.__all__ == [
        "DOCS_STYLE",
        "ASGIView",
        "Answer",
        "Binder",
        "Body",
        "Bound",
        "Closing",
        "Codec",
        "Cookie",
        "DependencyError",
        "EnvironRequest",
        "File",
        "Form",
        "Header",
        "In",
        "Invalid",
        "JsonPart",
        "MsgspecCodec",
        "NotJSON",
        "Operation",
        "Path",
        "Plan",
        "Problem",
        "PydanticCodec",
        "Query",
        "RequestError",
        "ReturnMismatch",
        "SetupError",
        "Source",
        "Status",
        "TooLarge",
        "Typed",
        "TypedError",
        "UnknownPath",
        "Upload",
        "Use",
        "WSGIView",
        "WrongContentType",
        "docs_page",
        "document",
        "problem_document",
        "swagger_ui_files",
        "swagger_ui_page",
    ]


def test_importing_loads_msgspec_and_no_more() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "msgspec tantalus_typed\nFalse False\n"


def test_all_names_are_there_and_listed() -> None:
    assert set(tantalus_typed.__all__) <= set(dir(tantalus_typed))
    assert all(hasattr(tantalus_typed, name) for name in tantalus_typed.__all__)


def test_another_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'other'"):
        tantalus_typed.other  # noqa: B018
