"""Settings of the types that a codec of tantalus-typed reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
import pytest

from tantalus import App
from tantalus_config import Secret, SettingsError
from tantalus_typed import MsgspecCodec

Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]


class Database(msgspec.Struct):
    url: str
    port: Port = 5432


class Model(msgspec.Struct):
    port: Port
    database: Database
    tags: list[str] = []
    ratio: float | None = None


@dataclass
class Settings:
    key: Secret
    port: Port = 8000
    database: Database | None = None


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    for name, value in {
        "PORT": "80",
        "DATABASE__URL": "sqlite://",
        "TAGS": "a, b",
        "KEY": "k",
    }.items():
        monkeypatch.setenv(f"SHOP_{name}", value)
    return App("shop")


def test_a_struct_takes_the_place_of_a_dataclass(app: App) -> None:
    model = app.config.load(Model, "SHOP", codec=MsgspecCodec())

    assert model == Model(80, Database("sqlite://"), ["a", "b"])
    assert app.config["DATABASE"] is model.database


def test_a_field_of_a_dataclass_has_a_type_and_rules_of_the_codec(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_DATABASE__URL")
    monkeypatch.setenv("SHOP_DATABASE", '{"url": "sqlite://", "port": 1}')

    settings = app.config.load(Settings, "SHOP", codec=MsgspecCodec())

    assert settings == Settings(Secret("k"), 80, Database("sqlite://", 1))


def test_what_the_codec_refuses_is_told_by_its_variable(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PORT", "0")
    monkeypatch.setenv("SHOP_DATABASE__PORT", "x")
    monkeypatch.delenv("SHOP_DATABASE__URL")

    with pytest.raises(SettingsError) as caught:
        app.config.load(Model, "SHOP", codec=MsgspecCodec())

    assert [each.where for each in caught.value.problems] == [
        "SHOP_PORT in the environment",
        "SHOP_DATABASE__URL",
        "SHOP_DATABASE__PORT in the environment",
    ]
