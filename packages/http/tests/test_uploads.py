from __future__ import annotations

import io
from typing import Any, ClassVar

import pytest
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequestKeyError
from werkzeug.test import EnvironBuilder

from tantalus_http import DebugFilesKeyError, Request, explain_missing_files


class Explaining(Request):
    explains_missing_files = True


def posted(data: dict[str, Any], kind: type[Request] = Explaining) -> Request:
    return kind(EnvironBuilder(method="POST", data=data).get_environ())


def test_a_file_that_only_its_name_was_sent_of_is_explained() -> None:
    with pytest.raises(DebugFilesKeyError) as caught:
        posted({"photo": "me.jpg"}).files["photo"]

    text = str(caught.value)
    assert "There is no file 'photo' in request.files" in text
    assert "no file contents were transmitted" in text
    assert 'enctype="multipart/form-data"' in text
    assert "This was submitted: 'me.jpg'" in text


def test_a_file_that_was_not_sent_at_all_is_a_plain_error() -> None:
    with pytest.raises(BadRequestKeyError) as caught:
        posted({"other": "x"}).files["photo"]

    assert not isinstance(caught.value, DebugFilesKeyError)


def test_a_file_that_was_sent_is_there() -> None:
    asked = posted({"photo": (io.BytesIO(b"jpg"), "me.jpg")})

    assert asked.files["photo"].filename == "me.jpg"
    asked.close()


def test_nothing_is_explained_unless_it_is_wanted() -> None:
    with pytest.raises(BadRequestKeyError) as caught:
        posted({"photo": "me.jpg"}, Request).files["photo"]

    assert not isinstance(caught.value, DebugFilesKeyError)


class Patched:
    files: Any = ImmutableMultiDict({"kept": "file"})
    form: ClassVar = ImmutableMultiDict({"photo": "me.jpg", "empty": ""})
    mimetype = "text/plain"


def test_files_keep_their_class_name_and_content() -> None:
    patched = Patched()

    explain_missing_files(patched)  # type: ignore[arg-type]  # enough of one

    assert type(patched.files).__name__ == "ImmutableMultiDict"
    assert type(patched.files).__module__ == ImmutableMultiDict.__module__
    assert patched.files["kept"] == "file"


def test_the_names_that_were_sent_are_told_if_there_are_any() -> None:
    patched: Any = Patched()
    patched.form = ImmutableMultiDict()

    assert "was submitted" not in str(DebugFilesKeyError(patched, "photo"))
