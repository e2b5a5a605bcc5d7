"""Bodies that are made while they are sent, when the request has been answered."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextvars import Context as Variables
from wsgiref.types import WSGIEnvironment

from werkzeug.wsgi import ClosingIterator

import tantalus_context as contexts

# Bodies of which no code of the app makes any part while they are sent.
_READY = (list, tuple, bytes)
# Bodies that no server makes.
_MADE_HERE = (ClosingIterator, Generator)


def continued_body(
    body: Iterable[bytes], variables: Variables, environ: WSGIEnvironment
) -> Iterable[bytes]:
    """Return the body of a response with each of its steps run in `variables`.

    Sequences are ready, and files that the server sends by means of its own
    (`wsgi.file_wrapper`) have no steps: they are returned as they are.
    """
    if isinstance(body, _READY) and not hasattr(body, "close"):
        return body
    wrapper = environ.get("wsgi.file_wrapper")
    if isinstance(wrapper, type):
        is_wrapped = isinstance(body, wrapper)
    else:  # a function: what it returns is known to the server alone
        is_wrapped = wrapper is not None and not isinstance(body, _MADE_HERE)
    # The steps are loaded with the first body that has some.
    return body if is_wrapped else contexts.run_steps(body, variables)
