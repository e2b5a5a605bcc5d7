"""What a type checker infers; checked, never run."""

from __future__ import annotations

from typing import assert_type

from werkzeug.exceptions import NotFound

from tantalus_http import (
    HostCheck,
    Request,
    Response,
    StrictJSONProvider,
    computed,
    error_page,
    send_file,
)


class Page(Response):
    @computed
    def words(self) -> int:
        return len(self.get_data().split())


class Program:
    debug = False
    response_class = Page


request = Request({})
assert_type(request.path, str)
assert_type(request.server, tuple[str, int | None] | None)
assert_type(request.max_form_parts, int | None)
assert_type(Page("text").words, int)
assert_type(error_page(NotFound(), {}, Page), Page | None)
assert_type(send_file("a.txt", request.environ), Response)
assert_type(HostCheck(None, strict=True).host_of({}), str)
assert_type(StrictJSONProvider(Program()).dumps([1]), str)
