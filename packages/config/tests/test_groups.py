from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar

import pytest

from tantalus_config import Secret, load_settings
from tantalus_config._build import read_record
from tantalus_config._groups import Group, Groups, Place


@dataclass
class Database:
    host: str
    port: int = 5432


@dataclass
class Settings:
    kind: ClassVar[str] = "shop"
    key: Secret
    database: Database | None = None
    url: str = field(default="", metadata={"env": "DATABASE_URL"})
    version: int = field(default=1, init=False)


@dataclass
class Tree:
    children: list[Tree]


@dataclass
class Loop:
    inner: Loop | None = None


@dataclass
class WithInitVar:
    key: InitVar[str]


@dataclass
class TwoCases:
    port: int
    Port: int


@dataclass
class FileOfAnother:
    log: str
    log_file: str


@dataclass
class Unknown:
    key: bytes


def group(kind: Any, prefix: str = "SHOP") -> Group:
    return Groups(read_record, None).of(kind, Place((), prefix))


def test_settings_are_the_fields_that_a_class_is_made_with() -> None:
    assert [
        (".".join(each.path), each.variable) for each in group(Settings).settings()
    ] == [
        ("key", "SHOP_KEY"),
        ("database.host", "SHOP_DATABASE__HOST"),
        ("database.port", "SHOP_DATABASE__PORT"),
        ("url", "DATABASE_URL"),
    ]


def test_without_a_prefix_the_name_is_the_variable() -> None:
    assert [each.variable for each in group(Database, "").settings()] == [
        "HOST",
        "PORT",
    ]


def test_secrets_are_known_by_their_type() -> None:
    assert [each.is_secret for each in group(Settings).settings()] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (int, "Settings are loaded into a dataclass, and <class 'int'> is none"),
        (Settings(Secret("")), "is none. Decorate it with dataclasses.dataclass"),
        (Tree, r"Tree contains itself \(Tree → Tree\)"),
        (Loop, r"Loop contains itself \(Loop → Loop\)"),
        (WithInitVar, "WithInitVar.key is an InitVar"),
        (TwoCases, "TwoCases has fields 'port' and 'Port', which are one"),
        (FileOfAnother, "FileOfAnother has fields 'log' and 'log_file'"),
        (Unknown, "Unknown.key has the type <class 'bytes'>"),
    ],
)
def test_a_class_that_cannot_be_loaded_is_refused_before_anything_is_read(
    kind: Any, problem: str
) -> None:
    with pytest.raises(TypeError, match=problem):
        load_settings(kind, "SHOP", toml_file="/no/such/file")
