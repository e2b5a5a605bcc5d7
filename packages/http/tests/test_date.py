from __future__ import annotations

import pytest
from werkzeug.http import http_date

from tantalus_http._date import date_of_now


@pytest.mark.parametrize("now", [0.0, 1_700_000_000.0, 1_700_000_000.9, 1_700_000_001])
def test_the_date_is_that_of_the_second(
    now: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: now)

    assert date_of_now() == http_date(int(now))
