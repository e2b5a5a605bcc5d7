"""What can go wrong between a command line and an app."""

from __future__ import annotations

from collections.abc import Sequence

import click


class NoAppException(click.UsageError, LookupError):
    """An application cannot be found or loaded; ends the program with status 2."""

    def __init__(self, message: str, ctx: click.Context | None = None) -> None:
        super().__init__(message, ctx)


class AppNotLocated(NoAppException):
    """Nothing says where the app is."""

    def __init__(self, program: str, variables: str) -> None:
        super().__init__(
            f"Could not locate an application. Use the '{program} --app' option, the"
            f" {variables} environment variable, or a 'wsgi.py' or 'app.py' file in"
            " the current directory."
        )


class ModuleNotImported(NoAppException):
    """The module that should hold the app does not exist."""

    def __init__(self, module: str, folder: str) -> None:
        self.module = module
        super().__init__(
            f"Could not import {module!r}. No such module is installed, and there is"
            f" none in {folder!r}. Check the spelling, or change to the folder that"
            " holds it."
        )


class ModuleRaised(NoAppException):
    """The module that should hold the app fails with an import error of its own."""

    def __init__(self, module: str, trace: str) -> None:
        self.module = module
        super().__init__(
            f"While importing {module!r}, an ImportError was raised:\n\n{trace}"
        )


class ManyApps(NoAppException):
    """A module holds several apps and none has one of the usual names."""

    def __init__(self, module: str, names: Sequence[str]) -> None:
        self.module = module
        self.names = tuple(names)
        listed = ", ".join(repr(name) for name in names)
        super().__init__(
            f"Detected multiple applications in module {module!r}: {listed}."
            f" Use '{module}:{names[0]}' to specify the correct one."
        )


class NoAppInModule(NoAppException):
    """A module holds no app and no factory."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(
            f"Failed to find an application or factory in module {module!r}."
            f" Use '{module}:name' to specify one."
        )


class FactoryNeedsArguments(NoAppException):
    """A factory that was found by its name cannot be called without arguments."""

    def __init__(self, module: str, factory: str) -> None:
        self.module = module
        self.factory = factory
        super().__init__(
            f"Detected factory {factory!r} in module {module!r}, but could not call"
            f" it without arguments. Use '{module}:{factory}(args)' to specify"
            " arguments."
        )


class FactoryRefused(NoAppException):
    """A factory cannot be called with the given arguments."""

    def __init__(self, module: str, expression: str, signature: str) -> None:
        self.module = module
        self.expression = expression
        super().__init__(
            f"The factory {expression!r} in module {module!r} could not be called"
            f" with the specified arguments. Its parameters are {signature}."
        )


class BadAppName(NoAppException):
    """What stands behind the colon is neither a name nor a call with literals."""

    def __init__(self, expression: str, problem: str) -> None:
        self.expression = expression
        super().__init__(
            f"Failed to parse {expression!r}: {problem}. Write 'name', or"
            " 'factory(\"text\", 1)' with plain values as arguments."
        )


class AttributeNotFound(NoAppException):
    """The module has no attribute of the given name."""

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name
        super().__init__(
            f"Failed to find attribute {name!r} in {module!r}. Check the part of"
            " '--app' after the colon."
        )


class NotAnApp(NoAppException):
    """What was named is an application of neither WSGI nor ASGI."""

    def __init__(self, module: str, expression: str, found: object) -> None:
        self.module = module
        self.expression = expression
        super().__init__(
            f"A valid application was not obtained from '{module}:{expression}', but"
            f" {describe(found)}. Name an app object, a WSGI callable that takes"
            " 'environ' and 'start_response', an ASGI callable that takes 'scope',"
            " 'receive' and 'send', or a factory that returns one of them."
        )


def describe(value: object) -> str:
    """Return how messages call what was found: a function by its place."""
    code = getattr(value, "__code__", None)
    if code is None:
        return repr(value)
    return f"{value.__name__}() in {code.co_filename}:{code.co_firstlineno}"  # type: ignore[attr-defined] # a function


class BadProjectFile(NoAppException):
    """`pyproject.toml` cannot be read, or names the app in a wrong way."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}")


class MissingAbility(click.UsageError, TypeError):
    """A command needs something that the app, a plain callable, has not."""

    def __init__(self, title: str, ability: str, purpose: str) -> None:
        self.title = title
        self.ability = ability
        super().__init__(
            f"The application {title!r} has no {ability!r}, so {purpose}. This works"
            " with an app object as Tantalus and Flask make it, not with every callable"
            " of WSGI or ASGI."
        )


class BrokenEnvFile(click.UsageError, ValueError):
    """A file with environment variables cannot be read."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}")


class UvicornMissing(click.UsageError, ImportError):
    """An ASGI app is to be served, and nothing is installed that could."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"{title!r} is to be served by ASGI, which takes uvicorn, and that is not"
            " installed. Run `pip install 'tantalus-cli[asgi]'`, or"
            " `pip install uvicorn websockets`."
        )


class NotStarted(click.ClickException, RuntimeError):
    """The start-up of an ASGI app failed; the server has told why."""

    def __init__(self) -> None:
        super().__init__("The start-up of the app failed. The reason is told above.")
