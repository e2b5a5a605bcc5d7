"""Loading the settings of a program into an object of a class, checked and converted.

What counts first: values in code, then environment variables, then the `.env` file,
then TOML files, the last of them first, then the defaults of the class.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Generic, TypeAlias, TypeVar

from ._build import Build, read_record
from ._codec import SettingsCodec
from ._flaws import SettingProblem, SettingsError
from ._groups import Group, Groups, Place, Setting
from ._sources import (
    Findings,
    take_env_file,
    take_mapping,
    take_toml,
    take_variables,
)

T = TypeVar("T")
FilePath: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class LoadedSetting:
    """Where the value of a setting came from.

    Attributes:
        name: As in the config: `PORT`, or `DATABASE.PORT` in a group.
        source: The variable or key and its source; `default` if nothing is set.
        is_secret: Whether its type is `Secret`, or made of it.
    """

    name: str
    value: Any = field(repr=False)
    source: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """What settings are loaded from; see `load_settings()`."""

    prefix: str = ""
    env_file: FilePath | None = None
    toml_files: tuple[FilePath, ...] = ()
    override: Mapping[str, Any] | None = field(default=None, repr=False)
    silent: bool = False
    codec: SettingsCodec | None = None
    root_path: FilePath = ""


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """What was loaded, or what is wrong."""

    kind: type[T]
    names: tuple[str, ...]
    settings: T | None
    origins: tuple[LoadedSetting, ...]
    problems: tuple[SettingProblem, ...]

    def by_name(self) -> dict[str, Any]:
        """Return the fields of the settings by upper-case names."""
        return {name.upper(): _at(self.settings, (name,)) for name in self.names}

    def checked(self) -> T:
        """Return the settings.

        Raises:
            SettingsError: Something is wrong with them.
        """
        if self.problems or self.settings is None:
            raise SettingsError(self.kind.__name__, self.problems)
        return self.settings


def load_settings(
    kind: type[T],
    prefix: str = "",
    *,
    env_file: FilePath | None = None,
    toml_file: FilePath | Iterable[FilePath] = (),
    override: Mapping[str, Any] | None = None,
    silent: bool = False,
    codec: SettingsCodec | None = None,
) -> T:
    """Return the settings of a program, as an object of a dataclass.

    Args:
        prefix: Of the environment variables: `SHOP` for `SHOP_PORT`.
        env_file: A file of variables, which counts less than the environment.
        toml_file: One or several; what comes later counts more.
        override: Counts more than all else; for tests.
        silent: Pass over files that do not exist.
        codec: Knows types that are not known here, or `kind` if it is no dataclass.

    Raises:
        SettingsError: Settings are missing or wrong; tells all that are.
        TypeError: `kind` cannot be loaded.
    """
    files = paths_of(toml_file)
    sources = Sources(prefix, env_file, files, override, silent, codec)
    return load(kind, sources).checked()


def paths_of(files: FilePath | Iterable[FilePath]) -> tuple[FilePath, ...]:
    """Return one path, or several, as a tuple."""
    return (files,) if isinstance(files, str | os.PathLike) else tuple(files)


def load(kind: type[T], sources: Sources) -> Loaded[T]:
    """Return the settings, or all that is wrong with them."""
    group = Groups(read_record, sources.codec).of(kind, Place((), sources.prefix))
    findings = _found(group, sources)
    build = Build(findings, lambda setting: _cure(setting, sources))
    settings = build.group(group)
    problems = tuple(build.problems())
    names = tuple(group.members)
    if problems:
        return Loaded(kind, names, None, (), problems)
    origins = tuple(_origins(group, findings, settings))
    return Loaded(kind, names, settings, origins, ())


def _found(group: Group, sources: Sources) -> Findings:
    """Ask the sources, in the order of their precedence."""
    findings, root = Findings(), sources.root_path
    silent = sources.silent
    if sources.override:
        take_mapping(findings, group, sources.override, "override")
    take_variables(findings, group, os.environ, "the environment")
    if sources.env_file is not None:
        path = os.path.join(root, sources.env_file)
        take_env_file(findings, group, path, prefix=sources.prefix, silent=silent)
    for file in reversed(sources.toml_files):
        take_toml(findings, group, os.path.join(root, file), silent=silent)
    return findings


def _cure(setting: Setting, sources: Sources) -> str:
    """Return how to set a setting that is missing."""
    name = setting.variable
    files = [os.fspath(path) for path in sources.toml_files]
    cure = f"Set the environment variable {name}"
    if setting.is_secret:
        cure += f", or {name}_FILE to the path of a file with it"
    if files:
        cure += f", or {'.'.join(setting.path)} in {files[-1]}"
    near = [each for each in os.environ if each.startswith(f"{sources.prefix}_")]
    close = get_close_matches(name, near, 1, 0.85) if sources.prefix else []
    return f"{cure}. Is {close[0]}, which is set, a slip?" if close else f"{cure}."


def _origins(
    group: Group, findings: Findings, settings: Any
) -> Iterable[LoadedSetting]:
    for setting in group.settings():
        found = findings.found.get(setting.path)
        yield LoadedSetting(
            ".".join(setting.path).upper(),
            _at(settings, setting.path),
            "default" if found is None else found.where,
            setting.is_secret,
        )


def _at(value: Any, path: tuple[str, ...]) -> Any:
    """Return what lies at a path; None below a group that is None."""
    for name in path:
        is_dict = isinstance(value, dict)
        value = value.get(name) if is_dict else getattr(value, name, None)
    return value
