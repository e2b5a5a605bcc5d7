"""Sessions in a signed cookie whose values come back equal."""

from __future__ import annotations

from ._secure_cookie import SecureCookieSessionInterface
from ._shared_serializer import SharedSerializer


class ExactCookieSessionInterface(SecureCookieSessionInterface):
    """Keeps values in the cookie so that they come back equal, or not at all.

    It reads what the base class wrote; Flask cannot read a datetime of this one.
    """

    serializer = SharedSerializer("._exact_json", "exact_json_serializer")
