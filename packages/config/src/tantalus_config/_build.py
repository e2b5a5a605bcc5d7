"""Making objects of what the sources have; all that is wrong is found on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ._flaws import Flaw, SettingProblem, Unfit, without
from ._groups import Group, Path, Setting
from ._secret import Secret
from ._sources import Findings, Found, take_mapping

# Stand for values: of a setting that is wrong, and of one that the class fills in.
_WRONG: Any = object()
_UNSET: Any = object()


class Build:
    """Makes the object of a group.

    Args:
        cure: Tells how to set a setting that is missing.
    """

    def __init__(self, findings: Findings, cure: Callable[[Setting], str]) -> None:
        self._findings = findings
        self._cure = cure

    def group(self, group: Group, base: Any = None) -> Any:
        """Return the object of a group; without meaning if anything is wrong.

        Args:
            base: An object with the defaults, None for those of the class.
        """
        values = {
            name: self._member(group, member, _default(name, member, base))
            for name, member in group.members.items()
        }
        if any(value is _WRONG for value in values.values()):
            return _WRONG
        given = {key: value for key, value in values.items() if value is not _UNSET}
        try:
            return group.make(given)
        except Unfit as unfit:
            flaws = unfit.flaws
        except ValueError as error:
            text = without(str(error), self._hidden_in(group, given)).rstrip(".")
            cure = f"{group.kind.__name__} refuses these values together."
            flaws = (Flaw(text or "Something is wrong", cure),)
        for flaw in flaws:
            self._blame(group, flaw)
        return _WRONG

    def problems(self) -> Iterator[SettingProblem]:
        """Yield what is wrong."""
        for path, where, flaw in self._findings.flaws:
            setting = ".".join(path).upper()
            yield SettingProblem(setting, where, flaw.sentence(), flaw.cure)

    def _member(
        self,
        group: Group,
        member: Setting | Group,
        default: Callable[[], Any] | None,
    ) -> Any:
        found = self._findings.found
        if isinstance(member, Group):
            given = not found.keys().isdisjoint(each.path for each in member.settings())
            if given:
                return self.group(member, None if default is None else default())
        elif member.path in found:
            return self._converted(member, found[member.path])
        if default is not None:
            return default()
        if group.fills:
            return _UNSET
        if isinstance(member, Group):
            return self.group(member)
        return self._missing(member)

    def _converted(self, setting: Setting, found: Found | None) -> Any:
        if found is None:
            return _WRONG
        reader = setting.reader
        try:
            return (reader.text if found.is_text else reader.value)(found.value)
        except Unfit as unfit:
            flaws = unfit.flaws
        for flaw in flaws:
            if setting.is_secret or found.is_hidden:
                flaw = flaw.hidden()
            self._findings.complain(setting.path, found.where, flaw)
        return _WRONG

    def _missing(self, setting: Setting) -> Any:
        flaw = Flaw("There is no value, and no default", self._cure(setting))
        self._findings.complain(setting.path, setting.variable, flaw)
        return _WRONG

    def _blame(self, group: Group, flaw: Flaw) -> None:
        """Tell what the class says of the settings that it means."""
        names = tuple(filter(None, flaw.path.split(".")))
        for setting in group.settings():
            inner = setting.path[len(group.path) :]
            if not names or names[: len(inner)] != inner:
                continue
            found = self._findings.found.get(setting.path)
            if found is None:
                self._missing(setting)
                return
            rest = ".".join(names[len(inner) :])
            flaw = replace(flaw, path=rest)
            self._findings.complain(setting.path, found.where, flaw)
            return
        self._findings.complain(group.path, group.variable or "all settings", flaw)

    def _hidden_in(self, group: Group, values: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the secrets among the values of a group."""
        for name, member in group.members.items():
            found = self._findings.found.get(member.path)
            if found is not None and found.is_hidden:
                yield found.value
            if isinstance(values[name], Secret):
                yield values[name]


def _default(name: str, member: Setting | Group, base: Any) -> Callable[[], Any] | None:
    if base is None:
        return member.default
    value = getattr(base, name)
    return lambda: value


def read_record(group: Group, value: Any) -> Any:
    """Return the object of a group that stands in a list or dict.

    Raises:
        Unfit: Something is wrong with it.
    """
    if isinstance(value, group.kind):
        return value
    if not isinstance(value, Mapping):
        raise Unfit(Flaw("is not a table", "Write {name = value}.", value))
    findings = Findings()
    take_mapping(findings, group, value, "")
    made = Build(findings, lambda setting: "Add it.").group(group)
    if findings.flaws:
        raise Unfit(*(_below(path, flaw) for path, _, flaw in findings.flaws))
    return made


def _below(path: Path, flaw: Flaw) -> Flaw:
    return replace(flaw, path="".join(f".{name}" for name in path) + flaw.path)
