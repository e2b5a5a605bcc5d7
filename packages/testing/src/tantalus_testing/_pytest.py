"""The pytest plugin: fixtures around the user's `app`, config by marker, leak check.

Every pytest run of an environment loads this module, also of projects that only have
the package installed. So it imports pytest alone, and the rest when a fixture is used.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Generator, Iterator, MutableMapping
from contextlib import ExitStack
from types import ModuleType
from typing import Any, TypeAlias

import pytest

import tantalus_testing

from ._errors import LeakedContextError, describe
from ._leaks import ContextHost, LeakCheck, new_contexts

# The user's `app` fixture may be any WSGI or ASGI app: what it can do is asked for.
App: TypeAlias = Any

_ENTRY_POINTS = "tantalus_testing"
_CONFIG_FIXTURE = "_tantalus_app_config"
_MISSING = object()


class _ClientFixture:
    @pytest.fixture
    def client(self, app: App) -> Iterator[object]:
        """A client of the `app` fixture, closed after the test."""
        factory = getattr(app, "test_client", None)
        client = factory() if factory else tantalus_testing.Client(app)
        yield client
        # A real Flask app has a client of its own, without `close()`.
        if isinstance(client, tantalus_testing.Client):
            client.close()


class _AsyncClientFixture:
    # Neither coroutine nor generator of one, so it needs no plugin, and suits each.
    @pytest.fixture
    def async_client(self, app: App) -> Iterator[object]:
        """A client of the `app` fixture for tests that are awaited, closed after."""
        factory = getattr(app, "async_client", None)
        client = factory() if factory else tantalus_testing.AsyncClient(app)
        yield client
        if isinstance(client, tantalus_testing.AsyncClient):
            client.close()


class _RunnerFixture:
    @pytest.fixture
    def runner(self, app: App) -> object:
        """A runner for the commands of the `app` fixture."""
        factory = getattr(app, "test_cli_runner", None)
        return factory() if factory else tantalus_testing.CliRunner(app)


class _ContextFixture:
    @pytest.fixture
    def app_ctx(self, app: App) -> Iterator[object]:
        """The app context of the `app` fixture, pushed during the test."""
        if not hasattr(app, "app_context"):
            raise pytest.UsageError(
                f"The fixture 'app_ctx' pushes a context, and {describe(app)} has "
                "none: it lacks 'app_context()'. Return the app object from the "
                "fixture 'app'."
            )
        with app.app_context() as context:
            yield context


class _OverrideFixture:
    @pytest.fixture
    def override(self, app: App) -> Iterator[object]:
        """A function that replaces a dependency of typed views until the test ends."""
        if not hasattr(app, "overriding"):
            raise pytest.UsageError(
                "The fixture 'override' replaces dependencies of typed views, and"
                f" {describe(app)} has none: it lacks 'overriding()'. Return the app"
                " object from the fixture 'app'."
            )
        with ExitStack() as replaced:

            def override(function: Any, replacement: Any) -> None:
                replaced.enter_context(app.overriding({function: replacement}))

            yield override


# By the name of the fixture, which another plugin may have taken.
_FIXTURES = {
    "client": _ClientFixture,
    "async_client": _AsyncClientFixture,
    "runner": _RunnerFixture,
    "app_ctx": _ContextFixture,
    "override": _OverrideFixture,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch of the leak check."""
    text = "fail each test that leaves a Tantalus context pushed"
    parser.getgroup("tantalus").addoption(
        "--leak-check", action="store_true", default=False, help=text
    )
    parser.addini("tantalus_leak_check", text, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register marker and leak check, and those fixtures that no other plugin has."""
    config.addinivalue_line(
        "markers", "app_config(**settings): override app.config during this test"
    )
    manager = config.pluginmanager
    others = [one for one in manager.get_plugins() if _may_own_fixtures(one)]
    for name, fixture in _FIXTURES.items():
        if not any(hasattr(other, name) for other in others):
            manager.register(fixture(), f"tantalus-{name}")
    if config.getoption("--leak-check") or config.getini("tantalus_leak_check"):
        manager.register(LeakPlugin(_installed_hosts()), "tantalus-leaks")


def _may_own_fixtures(plugin: object) -> bool:
    # A fixture of a conftest.py overrides ours anyway, and only in its folder.
    return isinstance(plugin, ModuleType) and not plugin.__name__.endswith("conftest")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the config marker work before every other fixture of its test."""
    if not isinstance(item, pytest.Function):
        return
    names = item.fixturenames
    # The cases of a parametrised test share this list.
    if item.get_closest_marker("app_config") and _CONFIG_FIXTURE not in names:
        names.insert(0, _CONFIG_FIXTURE)


@pytest.fixture(name=_CONFIG_FIXTURE)
def _overridden_config(request: pytest.FixtureRequest, app: App) -> Iterator[None]:
    config = getattr(app, "config", None)
    if not isinstance(config, MutableMapping):
        raise pytest.UsageError(
            "The marker 'app_config' needs an app with a 'config' mapping; "
            f"{describe(app)} has none. Return the app object from the fixture 'app'."
        )
    settings = _settings(request.node)
    before = {name: config.get(name, _MISSING) for name in settings}
    config.update(settings)
    yield
    for name, value in before.items():
        if value is _MISSING:
            config.pop(name, None)
        else:
            config[name] = value


def _settings(item: pytest.Item) -> dict[str, object]:
    """Return what the markers of `item` set; the one next to the test wins."""
    settings: dict[str, object] = {}
    for marker in reversed(list(item.iter_markers("app_config"))):
        if marker.args:
            raise pytest.UsageError(
                f"The marker 'app_config' of {item.nodeid} takes settings by keyword, "
                f"not {marker.args[0]!r}. Write @pytest.mark.app_config(NAME=value)."
            )
        settings.update(marker.kwargs)
    return settings


@pytest.fixture
def no_context_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail this test if it leaves a context pushed."""
    hosts = _installed_hosts()
    if "app" in request.fixturenames:
        hosts += _hosts_of(request.getfixturevalue("app"))
    check = LeakCheck(*hosts)
    yield
    _fail_on_leaks(check, request.node)


class LeakPlugin:
    """Checks after each test, its fixtures included, that no context is left.

    Args:
        hosts: Asked for the whole run; the current `app` fixture is asked too.
    """

    def __init__(self, hosts: list[ContextHost]) -> None:
        self._check = LeakCheck(*hosts)
        self._short_lived: list[ContextHost] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        """Find the app to ask, and accept what fixtures wider than a test push."""
        since = new_contexts(self._check)
        value = yield
        if fixturedef.argname == "app":
            self._watch(_hosts_of(value), fixturedef.scope)
        if fixturedef.scope != "function":
            self._check.accept(since())
        return value

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        """Check, once the fixtures of `item` are gone."""
        yield
        try:
            _fail_on_leaks(self._check, item)
        finally:
            while self._short_lived:
                self._check.forget(self._short_lived.pop())

    def _watch(self, hosts: list[ContextHost], scope: str) -> None:
        for host in hosts:
            self._check.watch(host)
            if scope == "function":
                self._short_lived.append(host)


def _fail_on_leaks(check: LeakCheck, item: pytest.Item) -> None:
    leaked = check.find()
    if leaked:
        error = LeakedContextError(f"Test {item.nodeid!r}", leaked)
        # The place of the push is what helps, not the traceback of the check.
        pytest.fail(str(error), pytrace=False)


def _hosts_of(app: App) -> list[ContextHost]:
    return [app] if isinstance(app, ContextHost) else []


def _installed_hosts() -> list[ContextHost]:
    """Return what installed packages offer under the entry point of this package."""
    points = importlib.metadata.entry_points(group=_ENTRY_POINTS)
    return [host for point in points for host in _hosts_of(point.load())]
