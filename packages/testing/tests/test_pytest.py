from __future__ import annotations

import pytest

APP = """
    from __future__ import annotations

    import pytest
    from fakes import FakeApp

    @pytest.fixture
    def app():
        return FakeApp(KEY="before")
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(APP)
    return pytester


def run(
    pytester: pytest.Pytester, source: str, *options: str, **outcome: int
) -> pytest.RunResult:
    """Run a test module, with warnings as errors, and check how it went."""
    pytester.makepyfile(source)
    result = pytester.runpytest_inprocess(
        "-W", "error", "--strict-markers", "-p", "no:cacheprovider", *options
    )
    result.assert_outcomes(**outcome)
    return result


# Fixtures


def test_a_client_of_the_app_is_given(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        def test_it(client):
            assert client.get("/a").text == "GET http://localhost/a"
        """,
        passed=1,
    )


ASGI = """
    import pytest
    from tantalus_testing import AsyncClient

    kept = []

    @pytest.fixture
    def app():
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                kept.append("started")
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await send({"type": "lifespan.shutdown.complete"})
                return
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": scope["path"].encode()})

        return app
"""


def test_a_client_for_awaiting_tests_is_given_to_those_of_anyio(
    pytester: pytest.Pytester,
) -> None:
    run(
        pytester,
        ASGI
        + """
    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @pytest.mark.anyio
    async def test_it(async_client):
        async with async_client:
            assert (await async_client.get("/a")).text == "/a"
        assert kept == ["started"]
        kept.append(async_client)

    @pytest.mark.anyio
    async def test_it_is_closed_after_its_test():
        with pytest.raises(RuntimeError, match="closed"):
            await kept[1].get("/a")
    """,
        passed=2,
    )


def test_a_client_for_awaiting_tests_is_given_without_any_plugin(
    pytester: pytest.Pytester,
) -> None:
    run(
        pytester,
        ASGI
        + """
    import asyncio

    def test_it(async_client, client):
        async def main():
            async with async_client:
                return (await async_client.get("/a")).text

        assert asyncio.run(main()) == "/a"
        assert client.get("/b").text == "/b"
    """,
        passed=1,
    )


def test_an_app_makes_its_own_client_for_awaiting_tests(
    pytester: pytest.Pytester,
) -> None:
    run(
        pytester,
        """
        import pytest

        @pytest.fixture
        def app():
            class App:
                def async_client(self):
                    return "its own"

            return App()

        def test_it(async_client):
            assert async_client == "its own"
        """,
        passed=1,
    )


def test_the_client_is_closed_after_its_test(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import pytest
        from tantalus_testing import ClientClosedError

        kept = []

        def test_one(client):
            kept.append(client)

        def test_two(client):
            assert client.get("/").status_code == 200
            with pytest.raises(ClientClosedError):
                kept[0].get("/")
        """,
        passed=2,
    )


def test_the_app_makes_client_and_runner_if_it_can(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
        import pytest

        class App:
            def test_client(self):
                return "own client"

            def test_cli_runner(self):
                return "own runner"

        @pytest.fixture
        def app():
            return App()

        def test_it(client, runner):
            assert (client, runner) == ("own client", "own runner")
        """,
        passed=1,
    )


def test_a_runner_for_the_commands_of_the_app_is_given(
    suite: pytest.Pytester,
) -> None:
    run(
        suite,
        """
        import click

        def test_it(app, runner):
            app.cli = click.Command("hello", callback=lambda: click.echo("Hello!"))
            assert runner.invoke().output == "Hello!\\n"
        """,
        passed=1,
    )


def test_the_app_context_is_pushed_during_the_test(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import pytest

        @pytest.fixture
        def app(app):
            app.app_context = app.test_request_context
            yield app
            assert app.stack == []

        def test_it(app, app_ctx):
            assert app.stack == [app_ctx]
        """,
        passed=1,
    )


def test_an_app_without_contexts_is_told(suite: pytest.Pytester) -> None:
    result = run(suite, "def test_it(app_ctx): pass", errors=1)

    result.stdout.fnmatch_lines(
        ["*UsageError: The fixture 'app_ctx' pushes a context, and <FakeApp> has none*"]
    )


OVERRIDDEN = """
    import pytest
    from contextlib import contextmanager

    class App:
        replaced = {}

        @contextmanager
        def overriding(self, replacements):
            self.replaced.update(replacements)
            yield
            for function in replacements:
                del self.replaced[function]

    one = App()

    @pytest.fixture
    def app():
        return one
"""


def test_dependencies_are_overridden_until_the_test_ends(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest(OVERRIDDEN)
    run(
        pytester,
        """
        def test_it(app, override):
            override(len, max)
            override(min, sum)
            assert app.replaced == {len: max, min: sum}

        def test_after(app):
            assert app.replaced == {}
        """,
        passed=2,
    )


def test_an_app_without_dependencies_is_told(suite: pytest.Pytester) -> None:
    result = run(suite, "def test_it(override): pass", errors=1)

    result.stdout.fnmatch_lines(
        ["*UsageError: The fixture 'override' replaces depend*"]
    )


def test_without_an_app_fixture_pytest_names_it(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(client): pass", errors=1)

    result.stdout.fnmatch_lines(["*fixture 'app' not found*"])


def test_a_fixture_of_another_plugin_wins(suite: pytest.Pytester) -> None:
    suite.syspathinsert()
    suite.makepyfile(
        other_plugin="""
        import pytest

        @pytest.fixture
        def client():
            return "theirs"
        """
    )

    run(
        suite,
        """
        def test_it(client, runner):
            assert client == "theirs"
            assert runner is not None
        """,
        "-p",
        "other_plugin",
        passed=1,
    )


def test_a_fixture_of_a_conftest_wins_in_its_folder(suite: pytest.Pytester) -> None:
    suite.mkpydir("sub").joinpath("conftest.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef client():\n    return 'theirs'\n"
    )
    suite.path.joinpath("sub/test_sub.py").write_text(
        "def test_sub(client):\n    assert client == 'theirs'\n"
    )

    run(
        suite,
        "def test_it(client): assert client.get('/').status_code == 200",
        "sub",
        "test_a_fixture_of_a_conftest_wins_in_its_folder.py",
        passed=2,
    )


# The config marker


def test_the_marker_overrides_the_config_and_restores_it(
    suite: pytest.Pytester,
) -> None:
    run(
        suite,
        """
        import pytest
        from fakes import FakeApp

        @pytest.fixture(scope="session")
        def app():
            return FakeApp(KEY="before")

        @pytest.fixture
        def seen(app):
            return dict(app.config)

        @pytest.mark.app_config(KEY="changed", NEW=1, GONE=2)
        def test_marked(app, seen):
            assert seen == app.config == {"KEY": "changed", "NEW": 1, "GONE": 2}
            del app.config["GONE"]

        def test_unmarked(app, seen):
            assert seen == app.config == {"KEY": "before"}
        """,
        passed=2,
    )


def test_the_marker_next_to_the_test_wins(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import pytest

        pytestmark = pytest.mark.app_config(A="module", B="module", C="module")

        @pytest.mark.app_config(B="class", C="class")
        class TestIt:
            @pytest.mark.app_config(C="test")
            def test_it(self, app):
                assert app.config == {
                    "KEY": "before", "A": "module", "B": "class", "C": "test"
                }
        """,
        passed=1,
    )


def test_the_marker_makes_the_app_if_the_test_does_not(
    suite: pytest.Pytester,
) -> None:
    run(
        suite,
        """
        import pytest

        @pytest.mark.app_config(SERVER_NAME="shop.example")
        def test_it(client):
            assert client.get("/").text == "GET http://shop.example/"
        """,
        passed=1,
    )


def test_one_case_of_a_parametrised_test_can_be_marked(
    suite: pytest.Pytester,
) -> None:
    run(
        suite,
        """
        import pytest

        changed = pytest.mark.app_config(KEY="changed")
        again = pytest.mark.app_config(KEY="again")

        @pytest.mark.parametrize(
            "value",
            [
                pytest.param("changed", marks=changed),
                pytest.param("again", marks=again),
                "before",
            ],
        )
        def test_it(app, value):
            assert app.config["KEY"] == value
        """,
        passed=3,
    )


def test_a_doctest_is_left_alone(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        '''
        def double(number):
            """Double it.

            >>> double(2)
            4
            """
            return number * 2
        ''',
        "--doctest-modules",
        passed=1,
    )


def test_settings_without_a_name_are_told(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import pytest

        @pytest.mark.app_config("DEBUG")
        def test_it():
            pass
        """,
        errors=1,
    )

    result.stdout.fnmatch_lines(
        [
            "*UsageError: The marker 'app_config' of *::test_it takes settings by "
            "keyword, not 'DEBUG'. Write @pytest.mark.app_config(NAME=value)."
        ]
    )


def test_an_app_without_config_is_told(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import pytest

        @pytest.fixture
        def app():
            return 7

        @pytest.mark.app_config(A=1)
        def test_it():
            pass
        """,
        errors=1,
    )

    result.stdout.fnmatch_lines(
        ["*UsageError: The marker 'app_config' needs an app with a 'config' *; 7*"]
    )


def test_the_marker_is_explained(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--markers")

    result.stdout.fnmatch_lines(["@pytest.mark.app_config(*): override app.config*"])


# The leak check

LEAKING = """
    def test_leaks(app):
        context = app.test_request_context()
        context.pushed_at = "here.py:3 in test_leaks"
        context.__enter__()

    def test_is_clean(app):
        with app.test_request_context():
            pass
"""


def test_a_test_that_leaves_a_context_fails(suite: pytest.Pytester) -> None:
    result = run(suite, LEAKING, "--leak-check", passed=2, errors=1)

    result.stdout.fnmatch_lines(
        [
            "Test '*::test_leaks' left 1 context pushed:",
            "*<*FakeContext*>, pushed at here.py:3 in test_leaks",
            "Pop each one, or push it by a 'with' block.",
        ]
    )


def test_the_leak_check_can_be_set_in_the_ini_file(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\ntantalus_leak_check = true")

    run(suite, LEAKING, passed=2, errors=1)


def test_without_the_leak_check_nothing_is_told(suite: pytest.Pytester) -> None:
    run(suite, LEAKING, passed=2)


def test_a_fixture_of_the_session_may_keep_its_context(
    suite: pytest.Pytester,
) -> None:
    run(
        suite,
        """
        import pytest
        from fakes import FakeApp

        @pytest.fixture(scope="session")
        def app():
            app = FakeApp()
            with app.test_request_context():
                yield app

        @pytest.fixture(scope="module")
        def deeper(app):
            with app.test_request_context():
                yield

        def test_one(deeper):
            pass

        def test_two(app):
            assert len(app.stack) == 2

        def test_three(app):
            app.test_request_context().__enter__()

        def test_four(app):
            app.stack.pop()
        """,
        "--leak-check",
        passed=4,
        errors=1,
    )


def test_a_fixture_that_pops_after_the_test_is_clean(suite: pytest.Pytester) -> None:
    run(
        suite,
        """
        import pytest

        @pytest.fixture
        def pushed(app):
            with app.test_request_context() as context:
                yield context

        def test_it(pushed):
            pass
        """,
        "--leak-check",
        passed=1,
    )


def test_apps_that_cannot_be_probed_are_left_alone(pytester: pytest.Pytester) -> None:
    run(
        pytester,
        """
        import pytest

        @pytest.fixture
        def app():
            return 7

        def test_it(app, no_context_leaks):
            pass
        """,
        "--leak-check",
        passed=1,
    )


def test_one_test_can_ask_for_the_leak_check(suite: pytest.Pytester) -> None:
    result = run(
        suite,
        """
        import pytest

        @pytest.mark.usefixtures("no_context_leaks")
        def test_asks(app):
            app.test_request_context().__enter__()

        def test_does_not(app):
            app.test_request_context().__enter__()

        def test_has_no_app(no_context_leaks):
            pass
        """,
        passed=3,
        errors=1,
    )

    result.stdout.fnmatch_lines(["Test '*::test_asks' left 1 context pushed:"])


def test_an_installed_package_can_be_asked(pytester: pytest.Pytester) -> None:
    pytester.syspathinsert()
    info = pytester.mkdir("leaky-1.0.dist-info")
    info.joinpath("METADATA").write_text("Name: leaky\nVersion: 1.0\n")
    info.joinpath("entry_points.txt").write_text(
        "[tantalus_testing]\nleaky = leaky\nuseless = leaky:contexts\n"
    )
    pytester.makepyfile(
        leaky="""
        contexts = []

        def context_probe():
            return contexts
        """
    )

    result = run(
        pytester,
        """
        import leaky

        def test_it():
            leaky.contexts.append("a context")
        """,
        "--leak-check",
        passed=1,
        errors=1,
    )

    result.stdout.fnmatch_lines(["*'a context', pushed at an unrecorded place"])


# What a run costs that uses nothing of it


def test_the_plugin_imports_neither_werkzeug_nor_click(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it():
            assert "tantalus_testing._pytest" in sys.modules
            assert not {"werkzeug", "click"} & set(sys.modules)
        """
    )

    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest")

    result.assert_outcomes(passed=1)
