from __future__ import annotations

import subprocess
import sys

import pytest

import tantalus_http

LOADED = """
import sys
import werkzeug.wrappers, werkzeug.exceptions
before = set(sys.modules)
import tantalus_http
assert "asyncio" not in sys.modules
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""


def test_the_door_has_these_names() -> None:
    assert tantalus_http.__all__ == [
        "ASGIApplication",
        "ASGIReceive",
        "ASGIScope",
        "ASGISend",
        "Aborter",
        "AsyncPart",
        "AsyncParts",
        "BodyNotLoaded",
        "CrossOrigin",
        "CrossOriginError",
        "CrossSiteASGIMiddleware",
        "CrossSiteCheck",
        "CrossSiteMiddleware",
        "CrossSiteRequest",
        "DebugFilesKeyError",
        "DefaultJSONProvider",
        "Event",
        "FastJSONProvider",
        "HeaderValue",
        "HeadersValue",
        "HostCheck",
        "JSONApp",
        "JSONProvider",
        "MakesJSON",
        "NoOrigin",
        "NoResponse",
        "NoTrustedHosts",
        "Part",
        "Parts",
        "ReadyBody",
        "ReceivedBody",
        "Request",
        "Response",
        "ResponseReturnValue",
        "ResponseValue",
        "SavedUpload",
        "SecurityHeaders",
        "SecurityHeadersError",
        "StrictJSONProvider",
        "UploadFolder",
        "WSGIFace",
        "WebSocket",
        "WebSocketClosed",
        "answer_by_wsgi",
        "as_date",
        "class_and_code",
        "computed",
        "environ_of",
        "error_handlers",
        "error_page",
        "event_stream",
        "explain_missing_files",
        "find_error_handler",
        "handler_in",
        "has_header",
        "is_own_request",
        "last_event_id",
        "make_private",
        "make_response",
        "new_nonce",
        "prefers_problem",
        "prepare_response",
        "problem_page",
        "read_ahead",
        "request_id",
        "safe_filename",
        "send_file",
        "send_from_directory",
        "send_static_file",
        "static_hash",
        "static_version",
        "unmet_condition",
    ]


def test_importing_loads_nothing_that_werkzeug_does_not() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    ).stdout

    assert printed.split() == ["tantalus_http"]


def test_names_that_are_loaded_late_are_listed_like_the_others() -> None:
    assert set(tantalus_http.__all__) <= set(dir(tantalus_http))


@pytest.mark.parametrize("name", tantalus_http.__all__)
def test_a_name_is_there_when_it_is_asked_for(name: str) -> None:
    module = getattr(tantalus_http, name).__module__

    # An alias of types is a union, of no module.
    assert (
        module.startswith("tantalus_http.")
        or name.endswith("Value")
        or (name.startswith("ASGI"))
    )


def test_a_name_that_does_not_exist_is_refused_like_in_any_module() -> None:
    with pytest.raises(
        AttributeError, match=r"tantalus_http.* has no attribute 'Nothing'"
    ):
        _ = tantalus_http.Nothing
