"""The nonce of an answer, for the policy in its headers and for its scripts."""

from __future__ import annotations

from ..ctx import _request_context_for


def csp_nonce() -> str:
    """Return the nonce of this answer: `<script nonce="{{ csp_nonce() }}">`.

    The policy in `SECURITY_HEADERS` says where one is needed; without it, it is not.

    Raises:
        RuntimeError: No request is being handled.
    """
    nonce: str = _request_context_for("csp_nonce").request.csp_nonce
    return nonce
