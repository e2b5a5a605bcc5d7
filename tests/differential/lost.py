"""The tests of core that fail through ASGI, each with its reason.

They are expected to fail in runs with one of the two plugins; one that passes is a
failure of such a run, so this list says neither too much nor too little.
"""

from __future__ import annotations

import pytest

_CONTEXT_OF_CLIENT = (
    "The client shows the context of the last request by the environ that it has made,"
    " which a request on a scope has none of."
)
_WHOLE = "The client of the plugin gets an answer when it is whole, not part by part."
_ERRORS = "The log goes to the `wsgi.errors` of the server, which is not the client's."
_LOOP_OF_CALL = (
    "The plugin runs each request on an event loop of its own, which ends with it."
)
_NOT_RUN = (
    "The loop that its lifespan began on has ended with the request. It is not run:"
    " CPython 3.11 raises a SystemError where pytest reads the source for the report."
)
_THREADS = "Threads of the workers and loops of the plugin are counted, too."
_LOGS = "Making an event loop is logged, and the test counts all records."
_WRAPPED = (
    "The plain function runs a coroutine function to its end, and was made a coroutine"
    " function itself: on the loop that is refused."
)
_OF_WSGI = "It replaces a step of the WSGI walk; one on the loop has its own test."
_TOLD_BY_WSGI = "It tells what the server of a client speaks, which is WSGI elsewhere."
_TOO_LARGE = (
    "The body is larger than BODY_READ_AHEAD: a coroutine function has to load it."
)

#: By what pytest calls them, without parameters or with all of them.
THROUGH_ASGI = {
    "test_after_response.py::test_it_is_done_when_the_server_has_sent_the_last_byte": (
        _WHOLE
    ),
    "test_lifespan.py::test_closing_the_client_ends_it_and_the_next_request_begins"
    "_anew": _NOT_RUN,
    "test_app.py::test_the_logger_is_quiet_about_handled_errors": _LOGS,
    "test_context_variables.py::test_a_stream_is_the_same_in_the_block_of_a_client": (
        _WHOLE
    ),
    "test_ctx.py::test_a_stream_has_the_context_until_its_end": _WHOLE,
    "test_logging.py::test_in_a_request_the_log_goes_to_the_stream_of_the_server": (
        _ERRORS
    ),
    "test_typed_errors.py::test_no_value_of_a_request_is_logged[App-10]": _LOGS,
    "test_typed_errors.py::test_no_value_of_a_request_is_logged[Flask-10]": _LOGS,
    "test_typed_views.py::test_plain_dependencies_of_a_coroutine_view_run_in_one"
    "_worker": _CONTEXT_OF_CLIENT,
    "test_sync.py::test_all_coroutines_of_a_process_run_on_one_loop": _LOOP_OF_CALL,
    "test_sync.py::test_a_task_may_outlive_the_view_that_began_it": _LOOP_OF_CALL,
    "test_sync.py::test_requests_with_coroutines_leave_nothing_behind": _THREADS,
    "test_websockets.py::test_under_wsgi_the_route_answers_426_and_says_why": (
        _TOLD_BY_WSGI
    ),
    "test_websockets.py::test_under_wsgi_a_plain_request_is_answered_as_a_handshake"
    "_is": _TOLD_BY_WSGI,
}

#: These fail besides, where all functions are coroutine functions.
AS_COROUTINES = {
    "test_app.py::test_a_client_block_keeps_the_context": _CONTEXT_OF_CLIENT,
    "test_ctx.py::test_the_context_that_a_client_shows_is_in_nobodys_way": (
        _CONTEXT_OF_CLIENT
    ),
    "test_ctx.py::test_a_shared_context_is_torn_down_when_the_client_lets_go": (
        _CONTEXT_OF_CLIENT
    ),
    "test_json.py::test_a_broken_body_is_a_bad_request[deeper than the stack]": (
        _TOO_LARGE
    ),
    "test_json.py::test_a_broken_body_is_a_bad_request[unfinished and deep]": (
        _TOO_LARGE
    ),
    "test_json.py::test_a_broken_body_is_a_bad_request[millions of lists]": _TOO_LARGE,
    "test_json.py::test_the_class_flask_answers_400_to_what_nobody_can_read"
    "[deeper than the stack]": _TOO_LARGE,
    **{
        f"test_parts.py::{name}": _TOO_LARGE
        for name in (
            "test_parts_come_on_both_faces[App-by_wsgi]",
            "test_parts_come_on_both_faces[Flask-by_wsgi]",
            "test_the_limits_of_the_app_hold[MAX_FORM_PARTS-1-by_wsgi]",
            "test_the_limits_of_the_app_hold[MAX_FORM_MEMORY_SIZE-1-by_wsgi]",
            "test_a_form_that_is_cut_off_leaves_no_file[by_wsgi]",
            "test_a_view_that_reads_its_form_twice_is_told[by_wsgi]",
        )
    },
    "test_observers.py::test_an_error_before_the_request_is_matched_is_observed_too": (
        _OF_WSGI
    ),
    "test_sync.py::test_copies_of_a_context_share_no_variables": _WRAPPED,
    "test_views.py::test_methods_may_be_async": _WRAPPED,
    "test_wrappers.py::test_bad_json_is_a_400[body2]": _TOO_LARGE,
}


def expect(items: list[pytest.Item], reasons: dict[str, str]) -> None:
    """Let pytest expect the tests of a list to fail, and no others."""
    for item in items:
        name = item.nodeid.removeprefix("tests/")
        reason = reasons.get(name) or reasons.get(name.partition("[")[0])
        if reason is not None:
            # Threads end when they do: sometimes the count is right.
            strict = reason is not _THREADS
            run = reason is not _NOT_RUN
            mark = pytest.mark.xfail(reason=reason, strict=strict, run=run)
            item.add_marker(mark)
