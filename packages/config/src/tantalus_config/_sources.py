"""Where settings come from: values in code, variables, and files of three kinds.

Each source puts what it has for the settings of a group into one dict, where what was
there before stays: sources are asked in the order of their precedence.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ._env_file import EnvFile, read_env_file
from ._flaws import Flaw
from ._groups import Group, Path, Setting

# Bytes that a file of settings may have: a device that never ends is none.
_MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """What a source has for a setting.

    Attributes:
        where: The variable or the key, and its source.
        is_hidden: Whether it is not to be shown, whatever its type says.
    """

    value: Any = field(repr=False)
    is_text: bool
    where: str
    is_hidden: bool = False


class Findings:
    """What the sources have, and what is wrong with them.

    Attributes:
        found: By the path of the setting; None where a source was refused.
        flaws: Path and place of what is wrong, and what it is.
    """

    def __init__(self) -> None:
        self.found: dict[Path, Found | None] = {}
        self.flaws: list[tuple[Path, str, Flaw]] = []

    def add(self, path: Path, found: Found) -> None:
        """Keep what was found, unless a source before had something."""
        self.found.setdefault(path, found)

    def refuse(self, path: Path, where: str, flaw: Flaw) -> None:
        """Tell that something is wrong with what a source has for a setting."""
        self.found.setdefault(path, None)
        self.flaws.append((path, where, flaw))

    def complain(self, path: Path, where: str, flaw: Flaw) -> None:
        """Tell that something is wrong with a source."""
        self.flaws.append((path, where, flaw))


def take_variables(
    findings: Findings,
    group: Group,
    variables: Mapping[str, str],
    label: str,
    lines: Mapping[str, int] | None = None,
) -> None:
    """Take what variables say: `NAME` is the value, `NAME_FILE` the file that has it.

    Args:
        label: The source, as problems name it.
        lines: Where each variable is set, if they come from a file.
    """

    def place(name: str) -> str:
        return f"{name} in {label}" + (f", line {lines[name]}" if lines else "")

    for setting in group.settings():
        name, file = setting.variable, f"{setting.variable}_FILE"
        if name in variables and file in variables:
            flaw = Flaw(f"{file} is set, too", "Unset one of the two.")
            findings.refuse(setting.path, place(name), flaw)
        elif name in variables:
            findings.add(setting.path, Found(variables[name], True, place(name)))
        elif file in variables and setting.path not in findings.found:
            _take_file(findings, setting, variables[file], place(file))
    for inner in group.groups():
        if inner.path and inner.variable in variables:
            example = next(inner.settings()).variable
            flaw = Flaw("It is a group of settings", f"Set {example} and the like.")
            findings.complain(inner.path, place(inner.variable), flaw)


def _take_file(findings: Findings, setting: Setting, path: str, where: str) -> None:
    """Take the content of a file, but for the end of its last line."""
    read = read_text(path)
    if isinstance(read, Flaw):
        findings.refuse(setting.path, where, read)
        return
    text = read.removesuffix("\n").removesuffix("\r")
    findings.add(setting.path, Found(text, True, f"{where} ({path})", is_hidden=True))


def take_env_file(
    findings: Findings, group: Group, path: str, *, prefix: str, silent: bool
) -> None:
    """Take what a `.env` file says; a name that looks like a setting's is refused."""
    if silent and not os.path.exists(path):
        return
    text = read_text(path)
    if isinstance(text, Flaw):
        findings.complain((), path, text)
        return
    file = read_env_file(text)
    for line, problem, cure in file.problems:
        findings.complain((), f"{path}, line {line}", Flaw(problem.rstrip("."), cure))
    take_variables(findings, group, file.values, path, file.lines)
    if prefix:
        _find_typos(findings, group, file, path, prefix)


def _find_typos(
    findings: Findings, group: Group, file: EnvFile, path: str, prefix: str
) -> None:
    settings = [setting.variable for setting in group.settings()]
    known = {*settings, *(f"{name}_FILE" for name in settings)}
    known |= {inner.variable for inner in group.groups()}
    for name in file.values.keys() - known:
        close = get_close_matches(name, known, 1, 0.85)
        if name.startswith(f"{prefix}_") and close:
            where = f"{name} in {path}, line {file.lines[name]}"
            flaw = Flaw("There is no such setting", f"Did you mean {close[0]}?")
            findings.complain((), where, flaw)


def take_toml(findings: Findings, group: Group, path: str, *, silent: bool) -> None:
    """Take what a TOML file says, which has nothing but settings."""
    if silent and not os.path.exists(path):
        return
    text = read_text(path)
    if isinstance(text, Flaw):
        findings.complain((), path, text)
        return
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Of what is wrong, its message has one letter at most.
        cure = "Correct the file; a key stands in it once."
        findings.complain((), path, Flaw(f"It is not TOML: {error.args[0]}", cure))
        return
    take_mapping(findings, group, values, path)


def take_mapping(
    findings: Findings, group: Group, values: Mapping[Any, Any], label: str
) -> None:
    """Take what a dict of dicts says, whose keys are names of settings in any case."""
    names = {name.lower(): name for name in group.members}
    seen: dict[str, Any] = {}
    for key, value in values.items():
        path = (*group.path, str(key))
        where = f"{'.'.join(path)} in {label}"
        name = names.get(str(key).lower())
        if name is None:
            findings.complain(path, where, _unknown(str(key), list(names.values())))
        elif name in seen:
            flaw = Flaw(f"It is there as {seen[name]!r}, too", "Remove one of the two.")
            findings.complain(path, where, flaw)
        else:
            seen[name] = key
            _take_value(findings, group.members[name], value, where, label)


def _take_value(
    findings: Findings, member: Setting | Group, value: Any, where: str, label: str
) -> None:
    if isinstance(member, Setting):
        findings.add(member.path, Found(value, False, where))
    elif isinstance(value, Mapping):
        take_mapping(findings, member, value, label)
    elif isinstance(value, member.kind):
        take_mapping(findings, member, vars_of(member, value), label)
    else:
        cure = f"Write its settings below [{'.'.join(member.path)}]."
        flaw = Flaw("It is a group of settings, and no value", cure)
        findings.complain(member.path, where, flaw)


def vars_of(group: Group, value: Any) -> dict[str, Any]:
    """Return the settings of an object of the group's class."""
    return {name: getattr(value, name) for name in group.members}


def _unknown(name: str, known: list[str]) -> Flaw:
    close = get_close_matches(name.lower(), known, 1, 0.7)
    cure = f"Did you mean {close[0]!r}?" if close else f"Known are {', '.join(known)}."
    return Flaw("There is no such setting", cure)


def read_text(path: str) -> str | Flaw:
    """Return what a file says, or what is wrong with it."""
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "no name of a file"
        cure = "Make it readable, or correct the name."
        return Flaw(f"The file {path!r} cannot be read: {reason}", cure)
    if len(content) > _MOST_BYTES:
        return Flaw(f"The file {path!r} is too large", "Name a file of settings.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start
    return Flaw(f"The file {path!r} is not UTF-8, at byte {at}", "Save it as UTF-8.")
