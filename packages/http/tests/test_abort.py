from __future__ import annotations

import pytest
from werkzeug.exceptions import HTTPException, NotFound

from tantalus_http import Aborter, Response


def test_the_error_of_a_code_is_raised_with_its_arguments() -> None:
    with pytest.raises(NotFound) as caught:
        Aborter()(404, "No such tea.")

    assert caught.value.description == "No such tea."


def test_a_response_is_the_answer() -> None:
    response = Response("mine")

    with pytest.raises(HTTPException) as caught:
        Aborter()(response)

    assert caught.value.get_response() is response


def test_codes_of_ones_own_are_known_and_others_refused() -> None:
    class Busy(HTTPException):
        code = 499

    abort = Aborter(extra={499: Busy})

    with pytest.raises(Busy):
        abort(499)
    with pytest.raises(LookupError):
        abort(498)
