from __future__ import annotations

import pytest
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.multipart import Data, Field

from tantalus_http._part_events import PartEvents

FORM = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--\r\n'


def test_a_form_is_the_beginnings_and_the_content_of_its_parts() -> None:
    events = PartEvents("B", None)

    begun, *content = [*events.feed(FORM), *events.end()]

    assert isinstance(begun, Field)
    assert begun.name == "a"
    assert all(isinstance(each, Data) for each in content)
    assert b"".join(each.data for each in content if isinstance(each, Data)) == b"1"


def test_nothing_is_no_parts_and_no_error() -> None:
    assert list(PartEvents("B", None).end()) == []


def test_the_end_without_the_last_boundary_is_an_error() -> None:
    events = PartEvents("B", None)
    list(events.feed(FORM[:-8]))

    with pytest.raises(BadRequest, match="is cut off"):
        list(events.end())
