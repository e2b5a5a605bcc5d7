"""Every public name of the installed Flask: present, with the same parameters.

The table is made by looking into Flask. A difference that stays has its reason here.
"""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, NamedTuple

import click
import pytest

import tantalus

pytest.importorskip("flask")

MODULES = [
    "",
    ".app",
    ".blueprints",
    ".cli",
    ".config",
    ".ctx",
    ".debughelpers",
    ".globals",
    ".helpers",
    ".json",
    ".json.provider",
    ".json.tag",
    ".logging",
    ".sessions",
    ".signals",
    ".templating",
    ".testing",
    ".typing",
    ".views",
    ".wrappers",
]

#: What is not there, and why.
ABSENT: dict[str, str] = {}

#: What has other parameters, and why.
OTHER_PARAMETERS = {
    "flask.Blueprint": "takes what its routes have in common, by keyword",
    "flask.blueprints.Blueprint": "the same class",
    "flask.Flask": "takes `typed`, by keyword",
    "flask.app.Flask": "the same class",
    "flask.config.Config.from_prefixed_env": "None stands for the prefix of the app's"
    " class, which is FLASK for `Flask`",
    "flask.testing.FlaskClient": "names what it passes on to Werkzeug's client",
}


class Entry(NamedTuple):
    """A public name, and what it stands for in Flask."""

    path: str
    theirs: Any


def is_public(name: str) -> bool:
    return not name.startswith("_") and name not in ("annotations", "t")


def defined_names(module: ModuleType) -> Iterator[str]:
    """Yield the public names that a module defines; its imports too if it is a door."""
    is_door = module.__name__ == "flask"
    for node in ast.parse(Path(str(module.__file__)).read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (t.id for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif is_door and isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def is_type_variable(value: Any) -> bool:
    return type(value).__name__ == "TypeVar" and value.__name__ != "ResponseClass"


def public_names() -> Iterator[Entry]:
    for suffix in MODULES:
        module = import_module(f"flask{suffix}")
        for name in sorted(set(filter(is_public, defined_names(module)))):
            theirs = getattr(module, name)
            if not is_type_variable(theirs):
                yield Entry(f"{module.__name__}.{name}", theirs)


def members(entry: Entry) -> Iterator[Entry]:
    """Yield the public members that a class has from Flask's own modules."""
    for base in entry.theirs.__mro__:
        if base.__module__.partition(".")[0] == "flask":
            for name in filter(is_public, vars(base)):
                yield Entry(f"{entry.path}.{name}", getattr(entry.theirs, name))


NAMES = list(public_names())
MEMBERS = list(
    {
        member.path: member
        for entry in NAMES
        # What the package exports is defined, and listed, in one of its modules.
        if inspect.isclass(entry.theirs) and entry.path.count(".") > 1
        for member in members(entry)
    }.values()
)
EVERYTHING = NAMES + MEMBERS
#: Attributes that hold a class are configuration: only that they are there counts.
CALLABLE = [
    entry
    for entry in NAMES
    if inspect.isroutine(entry.theirs) or inspect.isclass(entry.theirs)
] + [entry for entry in MEMBERS if inspect.isroutine(entry.theirs)]


def ours(path: str) -> Any:
    """Return what stands in Tantalus under the path that something has in Flask."""
    parts = path.split(".")[1:]
    found: Any = tantalus
    for depth, part in enumerate(parts, start=1):
        module = ".".join(parts[:depth])
        if isinstance(found, ModuleType) and f".{module}" in MODULES:
            found = import_module(f"tantalus.{module}")
        else:
            found = getattr(found, part)
    return found


def default_of(parameter: inspect.Parameter) -> str:
    default = parameter.default
    if default is parameter.empty:
        return "required"
    if type(default) is object:
        return "left out"
    return getattr(default, "__qualname__", repr(default))


def parameters(function: Callable[..., Any]) -> list[tuple[str, str, str]]:
    try:
        signature = inspect.signature(function)
    except ValueError:  # inherited from a class that is written in C
        return []
    # Functions of ours that serve as methods call their first argument by its name.
    return [
        (
            "self" if parameter.name in {"app", "ctx"} else parameter.name,
            parameter.kind.description,
            default_of(parameter),
        )
        for parameter in signature.parameters.values()
    ]


def options(command: click.Command) -> set[str]:
    return {
        option
        for parameter in command.params
        for option in [*parameter.opts, *parameter.secondary_opts]
    }


def test_every_name_is_there() -> None:
    missing = []
    for entry in EVERYTHING:
        try:
            ours(entry.path)
        except (AttributeError, ImportError):
            missing.append(entry.path)

    assert "\n".join(sorted(missing)) == "\n".join(sorted(ABSENT))


def differing() -> Iterator[str]:
    for entry in CALLABLE:
        expected = parameters(entry.theirs)
        found = [] if entry.path in ABSENT else parameters(ours(entry.path))
        if found != expected:
            yield f"{entry.path}\n  theirs {expected}\n  ours   {found}"


def test_all_parameters_are_the_same() -> None:
    known = {*OTHER_PARAMETERS, *ABSENT}
    unexpected = [d for d in differing() if d.split("\n")[0] not in known]

    assert "\n".join(unexpected) == ""


def test_every_reason_is_still_needed() -> None:
    assert {d.split("\n")[0] for d in differing()} >= set(OTHER_PARAMETERS)


@pytest.mark.parametrize(
    "entry",
    [entry for entry in NAMES if isinstance(entry.theirs, click.Command)],
    ids=lambda entry: entry.path,
)
def test_commands_take_the_same_options(entry: Entry) -> None:
    assert options(entry.theirs) <= options(ours(entry.path))


INSTANCES: dict[str, Callable[[Any], Any]] = {
    "app": lambda package: package.Flask("surface"),
    "blueprint": lambda package: package.Blueprint("b", "surface"),
    "config": lambda package: package.Config("/"),
    "app context": lambda package: package.Flask("surface").app_context(),
    "request context": lambda package: package.Flask("surface").test_request_context(),
    "request": lambda package: package.Flask("surface").test_request_context().request,
    "response": lambda package: package.Response(),
    "client": lambda package: package.Flask("surface").test_client(),
    "runner": lambda package: package.Flask("surface").test_cli_runner(),
    "JSON provider": lambda package: package.Flask("surface").json,
    "session interface": lambda package: package.Flask("surface").session_interface,
    "environment": lambda package: package.Flask("surface").jinja_env,
}


@pytest.mark.parametrize("make", INSTANCES.values(), ids=INSTANCES.keys())
def test_objects_have_the_same_public_attributes(make: Callable[[Any], Any]) -> None:
    theirs, made = make(import_module("flask")), make(tantalus)

    assert set(filter(is_public, dir(theirs))) - set(dir(made)) == set()


def test_a_new_app_has_the_settings_of_flask() -> None:
    flask: Any = import_module("flask")
    theirs, settings = flask.Flask("surface").config, tantalus.Flask("surface").config

    assert {key: settings[key] for key in theirs} == dict(theirs)


#: What Flask's modules have for themselves and nobody has been seen to take from them.
NOT_LENT = {
    "flask.cli": {
        "_app_option",
        "_called_with_wrong_args",
        "_debug_option",
        "_env_file_callback",
        "_env_file_option",
        "_path_is_ancestor",
        "_set_app",
        "_set_debug",
        "_validate_key",
    },
    "flask.debughelpers": {"_dump_loader_info"},
    "flask.helpers": {"_prepare_send_file_kwargs"},
    "flask.json": {"_default"},
    "flask.json.provider": {"_default"},
    "flask.sansio.scaffold": {"_find_package_path"},
    "flask.sessions": {"_lazy_sha1"},
    "flask.testing": {"_get_werkzeug_version", "_werkzeug_version"},
}
LOOK_UP = """
import json, sys
import tantalus.as_flask
from importlib import import_module
missing = {}
for module, names in json.load(sys.stdin).items():
    lost = [name for name in names if not hasattr(import_module(module), name)]
    missing |= {module: lost} if lost else {}
print(json.dumps(missing))
"""


def missing_names(names: dict[str, list[str]]) -> dict[str, set[str]]:
    """Return the names that cannot be had where Flask is replaced, by module."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK_UP],
        input=json.dumps(names),
        capture_output=True,
        text=True,
        check=True,
    )
    return {module: set(lost) for module, lost in json.loads(done.stdout).items()}


def test_modules_have_every_name_that_flasks_have() -> None:
    suffixes = [*MODULES, ".sansio", ".sansio.app", ".sansio.blueprints"]
    modules = [import_module(f"flask{s}") for s in [*suffixes, ".sansio.scaffold"]]
    names = {
        module.__name__: [name for name in vars(module) if name[:2] != "__"]
        for module in modules
    }
    names["flask.views"].append("a_name_that_comes_with_the_next_flask")

    missing = missing_names(names)

    assert missing.pop("flask.views") == {"a_name_that_comes_with_the_next_flask"}
    assert missing == NOT_LENT


def test_each_public_module_of_flask_is_compared() -> None:
    package = import_module("flask")
    found = {
        name.removeprefix("flask")
        for _, name, _ in walk_packages(package.__path__, "flask.")
        if "__main__" not in name
    }

    assert found <= {
        *MODULES,
        ".sansio",
        ".sansio.app",
        ".sansio.blueprints",
        ".sansio.scaffold",
    }
