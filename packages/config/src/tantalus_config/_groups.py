"""The settings of a program as its class tells them: names, types, defaults, groups.

A field that is a dataclass is a group of settings. All is found, and refused, before
anything is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, InitVar, dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar, get_origin, get_type_hints

from ._codec import ByCodec, Plain, SettingsCodec, is_record, opening_of, without_none
from ._json import from_json
from ._readers import Reader, Readers, holds_secret
from ._secret import Secret

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        path: Its name, below those of the groups around it.
        variable: The environment variable that sets it.
        default: Makes the value that counts if nothing is set; None if it has to be.
    """

    path: Path
    variable: str
    reader: Reader
    is_secret: bool
    default: Callable[[], Any] | None


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together: the fields of a class.

    Attributes:
        make: Makes an object of the values by name.
        default: As for a setting.
        fills: Whether the class fills in what is missing when it is made.
    """

    path: Path
    variable: str
    kind: Any
    members: dict[str, Setting | Group]
    make: Callable[[dict[str, Any]], Any]
    default: Callable[[], Any] | None
    fills: bool

    def settings(self) -> Iterator[Setting]:
        """Yield the settings in this group and in those within."""
        for member in self.members.values():
            if isinstance(member, Group):
                yield from member.settings()
            else:
                yield member

    def groups(self) -> Iterator[Group]:
        """Yield this group and those within."""
        yield self
        for member in self.members.values():
            if isinstance(member, Group):
                yield from member.groups()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a class stands: names and variables so far, and the classes around."""

    path: Path
    prefix: str
    around: tuple[Any, ...] = ()
    default: Callable[[], Any] | None = None

    def below(self, name: str, kind: Any, default: Callable[[], Any] | None) -> Place:
        """Return the place of a field of a class that stands here."""
        around = (*self.around, kind)
        return Place((*self.path, name), self.prefix, around, default)

    @property
    def variable(self) -> str:
        """The environment variable for this place."""
        name = "__".join(self.path).upper()
        return f"{self.prefix}_{name}" if self.prefix and name else name


class Groups:
    """Finds the settings of classes.

    Args:
        read_record: Makes the value of a group that stands in a list or a dict.
        codec: Knows classes that are no dataclasses, and other types.
    """

    def __init__(
        self,
        read_record: Callable[[Group, Any], Any],
        codec: SettingsCodec | None,
    ) -> None:
        self._read_record = read_record
        self._codec = codec

    def of(self, kind: Any, place: Place) -> Group:
        """Return the settings of a class.

        Raises:
            TypeError: It is no class for settings, or has a type that nobody knows.
        """
        if kind in place.around:
            way = " → ".join(each.__name__ for each in (*place.around, kind))
            raise TypeError(
                f"{kind.__name__} contains itself ({way}), and settings have to end"
                " somewhere. Use another class inside of it."
            )
        make: Callable[[dict[str, Any]], Any]
        if isinstance(kind, type) and is_dataclass(kind):
            members, make = self._of_dataclass(kind, place), _maker(kind)
            fills = False
        elif self._codec is not None and self._codec.handles(kind):
            members = self._of_record(self._codec, kind, place)
            make, fills = ByCodec(self._codec, kind).value, True
        else:
            raise TypeError(
                f"Settings are loaded into a dataclass, and {kind!r} is none. Decorate"
                " it with dataclasses.dataclass, or pass a codec that knows it."
            )
        _check_names(kind, members)
        return Group(
            place.path, place.variable, kind, members, make, place.default, fills
        )

    def _of_dataclass(self, kind: Any, place: Place) -> dict[str, Setting | Group]:
        hints = get_type_hints(kind, include_extras=True)
        wanted = {field.name: field for field in fields(kind) if field.init}
        members: dict[str, Setting | Group] = {}
        for name, hint in hints.items():
            if isinstance(hint, InitVar):
                raise TypeError(
                    f"{kind.__name__}.{name} is an InitVar, which is no setting. Make"
                    " it a field."
                )
        for name, field in wanted.items():
            hint, default = hints[name], _default_of(field, hints[name])
            inner = place.below(name, kind, default)
            alias = field.metadata.get("env")
            members[name] = self._member(kind, name, hint, inner, alias)
        return members

    def _member(
        self, kind: Any, name: str, hint: Any, place: Place, alias: str | None
    ) -> Setting | Group:
        group = without_none(hint)
        if isinstance(group, type) and is_dataclass(group):
            return self.of(group, place)
        where = f"{kind.__name__}.{name}"
        reader = Readers(lambda inner: self._record(inner, place), self._codec)
        return Setting(
            place.path,
            place.variable if alias is None else alias,
            reader.of(hint, where),
            holds_secret(hint),
            place.default,
        )

    def _record(self, kind: Any, place: Place) -> Reader:
        inner = Place((), "", place.around)
        return Record(self.of(kind, inner), self._read_record)

    def _of_record(
        self, codec: SettingsCodec, kind: Any, place: Place
    ) -> dict[str, Setting | Group]:
        """Return the settings of a class of the codec, which converts them itself."""
        members: dict[str, Setting | Group] = {}
        for name, hint in get_type_hints(kind, include_extras=True).items():
            if name.startswith("_") or get_origin(hint) is ClassVar:
                continue
            inner = place.below(name, kind, None)
            group = without_none(hint)
            if is_record(group) and codec.handles(group):
                # The class around it converts what is within.
                members[name] = replace(self.of(group, inner), make=dict)
            else:
                reader = Plain(opening_of(hint))
                members[name] = Setting(inner.path, inner.variable, reader, False, None)
        return members


@dataclass(frozen=True, slots=True)
class Record:
    """Reads a group that stands in a list or a dict, from a table or from JSON."""

    group: Group
    read: Callable[[Group, Any], Any]
    wanted: str = "a table"

    def value(self, value: Any, /) -> Any:
        """Return the object that a dict stands for."""
        return self.read(self.group, value)

    def text(self, text: str, /) -> Any:
        """Return the object that JSON stands for."""
        return self.read(self.group, from_json(text))


def _maker(kind: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda values: kind(**values)


def _default_of(field: Any, hint: Any) -> Callable[[], Any] | None:
    if field.default_factory is not MISSING:
        factory: Callable[[], Any] = field.default_factory
        return factory
    if field.default is MISSING:
        return None
    default = field.default
    if type(default) is str and holds_secret(hint):
        default = Secret(default)
    return lambda: default


def _check_names(kind: Any, members: dict[str, Setting | Group]) -> None:
    """Refuse names that no source could tell apart."""
    seen: dict[str, str] = {}
    for name in members:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise TypeError(
                f"{kind.__name__} has fields {other!r} and {name!r}, which are one"
                " environment variable. Rename one of them."
            )
    for name in members:
        other = seen.get(f"{name.lower()}_file", name)
        if other != name:
            raise TypeError(
                f"{kind.__name__} has fields {name!r} and {other!r}. The variable for"
                " the second would name a file with the first. Rename one of them."
            )
