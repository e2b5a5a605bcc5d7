"""What an interface keeps of the settings of a host that counts their changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hosts import CountingHost, Host, request
from werkzeug.wrappers import Response

from tantalus_sessions import SecureCookieSessionInterface


def written(interface: Any, host: Any, **values: Any) -> str:
    """Return the `Set-Cookie` value for a session with these values."""
    session = interface.open_session(host, request())
    session.update(values)
    response = Response()
    interface.save_session(host, session, response)
    return response.headers["Set-Cookie"]


def opened(interface: Any, host: Any, header: str) -> dict[str, Any]:
    """Return the session for what `written` returned."""
    return dict(interface.open_session(host, request(header.partition(";")[0])))


def visit(interface: Any, host: Any) -> None:
    assert opened(interface, host, written(interface, host, a=1)) == {"a": 1}


def test_settings_are_read_once_for_each_version() -> None:
    interface, host = SecureCookieSessionInterface(), CountingHost()
    visit(interface, host)
    before = host.watched.reads

    visit(interface, host)

    assert host.watched.reads == before
    host.change(SESSION_COOKIE_NAME="renamed", SESSION_COOKIE_SAMESITE="Strict")
    header = written(interface, host, a=2)
    assert header.startswith("renamed=")
    assert header.endswith("SameSite=Strict")
    assert opened(interface, host, header) == {"a": 2}


def test_a_host_that_cannot_tell_its_version_is_read_each_time() -> None:
    interface, host = SecureCookieSessionInterface(), CountingHost()
    host.version = None
    visit(interface, host)

    host.config["SESSION_COOKIE_NAME"] = "renamed"

    assert written(interface, host, a=1).startswith("renamed=")


def test_hosts_that_share_an_interface_have_their_own_settings() -> None:
    interface = SecureCookieSessionInterface()
    hosts = [CountingHost(f"key {n}", SESSION_COOKIE_NAME=f"s{n}") for n in range(100)]

    headers = [written(interface, host, n=n) for n, host in enumerate(hosts)]

    for n, host in enumerate(hosts):
        assert opened(interface, host, headers[n]) == {"n": n}
        assert opened(interface, host, headers[n - 1].replace(f"s{n - 1}=", "")) == {}
    assert len(interface._known) <= 64


def test_older_keys_in_a_list_that_is_changed_in_place_count() -> None:
    keys = ["older"]
    interface = SecureCookieSessionInterface()
    host = CountingHost("newest", SECRET_KEY_FALLBACKS=keys)
    oldest = written(interface, Host("oldest"), a=1)
    assert opened(interface, host, oldest) == {}

    keys.append("oldest")
    assert opened(interface, host, oldest) == {"a": 1}
    assert opened(interface, host, oldest) == {"a": 1}

    keys.clear()
    assert opened(interface, host, oldest) == {}


def test_older_keys_in_a_tuple_are_read_once() -> None:
    interface = SecureCookieSessionInterface()
    host = CountingHost("newest", SECRET_KEY_FALLBACKS=("older",))

    assert opened(interface, host, written(interface, Host("older"), a=1)) == {"a": 1}
    visit(interface, host)
    before = host.watched.reads
    visit(interface, host)

    assert host.watched.reads == before


CHANGES: dict[str, Callable[[Any], object]] = {
    "salt": lambda interface: setattr(interface, "salt", "new"),
    "digest": lambda interface: setattr(interface, "digest_method", hashlib.md5),
    "derivation": lambda interface: setattr(interface, "key_derivation", "none"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_attribute_of_the_interface_counts_at_once(
    change: Callable[[Any], object],
) -> None:
    interface, host = SecureCookieSessionInterface(), CountingHost()
    header = written(interface, host, a=1)
    assert opened(interface, host, header) == {"a": 1}

    change(interface)

    assert opened(interface, host, header) == {}
    visit(interface, host)


class ByTenant(SecureCookieSessionInterface):
    """Names the cookie after who is served."""

    tenant = "a"

    def get_cookie_name(self, app: Any) -> str:
        return f"session_of_{ByTenant.tenant}"


class Salted(SecureCookieSessionInterface):
    """Has another salt for each tenant."""

    @property
    def salt(self) -> str:  # type: ignore[override] # as users do
        return ByTenant.tenant


def test_a_method_of_a_subclass_is_asked_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interface, host = ByTenant(), CountingHost()
    assert written(interface, host, a=1).startswith("session_of_a=")

    monkeypatch.setattr(ByTenant, "tenant", "b")

    assert written(interface, host, a=1).startswith("session_of_b=")


def test_a_property_of_a_subclass_is_asked_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interface, host = Salted(), CountingHost()
    header = written(interface, host, a=1)

    monkeypatch.setattr(ByTenant, "tenant", "b")

    assert opened(interface, host, header) == {}


def test_a_method_of_an_instance_is_asked_each_time() -> None:
    interface, host = SecureCookieSessionInterface(), CountingHost()
    tenant = "a"
    interface.get_cookie_name = lambda app: f"of_{tenant}"  # type: ignore[method-assign]
    assert written(interface, host, a=1).startswith("of_a=")

    tenant = "b"

    assert written(interface, host, a=1).startswith("of_b=")


@pytest.mark.parametrize("host", [Host(), CountingHost()], ids=["plain", "counting"])
def test_a_lifetime_of_fractions_of_a_second_is_rounded_down(host: Any) -> None:
    host.permanent_session_lifetime = timedelta(seconds=-0.5)
    interface = SecureCookieSessionInterface()

    assert opened(interface, host, written(interface, Host(), a=1)) == {}
