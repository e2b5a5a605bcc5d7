from __future__ import annotations

import copy
import json
import pickle
import sys
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tantalus_config import Config, ConfigAttribute


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path, {"DEBUG": False})


class Holder:
    colour = ConfigAttribute[str]("COLOUR")
    lifetime = ConfigAttribute("LIFETIME", get_converter=lambda s: timedelta(seconds=s))

    def __init__(self) -> None:
        self.config: dict[str, Any] = {"COLOUR": "red", "LIFETIME": 60}


def test_an_attribute_reads_and_writes_its_config_key() -> None:
    holder = Holder()

    holder.colour = "blue"

    assert holder.colour == "blue"
    assert holder.config["COLOUR"] == "blue"


def test_an_attribute_converts_what_is_stored_when_it_is_read() -> None:
    holder = Holder()

    assert holder.lifetime == timedelta(minutes=1)
    assert holder.config["LIFETIME"] == 60


def test_an_attribute_of_the_class_is_the_attribute_itself() -> None:
    assert isinstance(Holder.colour, ConfigAttribute)


def test_a_value_that_cannot_be_converted_is_told_with_its_key() -> None:
    holder = Holder()
    holder.config["LIFETIME"] = "a day"

    with pytest.raises(TypeError) as caught:
        holder.lifetime  # noqa: B018 - reading is what fails

    assert caught.value.__notes__ == ["The config key 'LIFETIME' is 'a day'."]


def test_defaults_are_copied() -> None:
    defaults = {"A": 1}

    config = Config("/", defaults)
    config["A"] = 2

    assert defaults == {"A": 1}


def test_a_config_shows_what_it_is() -> None:
    assert repr(Config("/", {"A": 1})) == "<Config {'A': 1}>"


def test_objects_give_their_upper_case_attributes(config: Config) -> None:
    class Base:
        TESTING = False
        COLOUR = "red"

    class Settings(Base):
        TESTING = True
        lower = "ignored"

    config.from_object(Settings)

    assert config == {"DEBUG": False, "TESTING": True, "COLOUR": "red"}


def test_properties_are_read_from_an_instance(config: Config) -> None:
    class Settings:
        @property
        def URL(self) -> str:  # noqa: N802 - a config key
            return "sqlite://"

    config.from_object(Settings())

    assert config["URL"] == "sqlite://"


def test_an_object_can_be_named(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "named_settings.py").write_text("class Production:\n    KEY = 'k'\n")
    monkeypatch.syspath_prepend(tmp_path)

    config.from_object("named_settings.Production")

    assert config["KEY"] == "k"
    monkeypatch.delitem(sys.modules, "named_settings")


def test_an_object_that_does_not_exist_is_an_import_error(config: Config) -> None:
    with pytest.raises(ImportError, match="no_such_module"):
        config.from_object("no_such_module.Settings")


def test_a_python_file_gives_its_upper_case_names(
    config: Config, tmp_path: Path
) -> None:
    (tmp_path / "app.cfg").write_text("import os\nKEY = 'k'\nFILE = __file__\nx = 1\n")

    assert config.from_pyfile("app.cfg") is True

    assert config == {"DEBUG": False, "KEY": "k", "FILE": str(tmp_path / "app.cfg")}


def test_a_python_file_may_declare_its_encoding(config: Config, tmp_path: Path) -> None:
    (tmp_path / "app.cfg").write_bytes(
        "# coding: latin-1\nKEY = 'ü'\n".encode("latin-1")
    )

    config.from_pyfile("app.cfg")

    assert config["KEY"] == "ü"


def read_json(config: Config, name: str, silent: bool) -> bool:
    return config.from_file(name, json.load, silent=silent)


def read_python(config: Config, name: str, silent: bool) -> bool:
    return config.from_pyfile(name, silent=silent)


Read = Callable[[Config, str, bool], bool]
READERS = pytest.mark.parametrize("read", [read_json, read_python])


@READERS
def test_a_missing_file_is_told_with_its_path(
    config: Config, tmp_path: Path, read: Read
) -> None:
    with pytest.raises(OSError, match="Unable to load configuration file") as caught:
        read(config, "missing", False)

    assert str(caught.value).startswith("[Errno 2] Unable to load configuration file (")
    assert str(caught.value).endswith(repr(str(tmp_path / "missing")))


@READERS
def test_a_missing_file_can_be_passed_over(config: Config, read: Read) -> None:
    assert read(config, "missing", True) is False


@READERS
def test_a_folder_can_be_passed_over_like_a_missing_file(
    config: Config, read: Read
) -> None:
    assert read(config, ".", True) is False


@READERS
def test_an_unreadable_file_is_not_passed_over(config: Config, read: Read) -> None:
    with pytest.raises(OSError, match="Unable to load"):
        read(config, "x" * 5000, True)


def test_a_path_below_a_file_counts_as_missing_for_python_files_only(
    config: Config, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    assert read_python(config, "file/below", True) is False
    with pytest.raises(NotADirectoryError, match="Unable to load"):
        read_json(config, "file/below", True)


def test_an_error_inside_a_python_file_is_not_taken_for_a_missing_file(
    config: Config, tmp_path: Path
) -> None:
    (tmp_path / "app.cfg").write_text("open('/no/such/file')")

    with pytest.raises(FileNotFoundError, match=r"No such file .*'/no/such/file'"):
        config.from_pyfile("app.cfg", silent=True)


def test_a_toml_file_is_loaded_in_binary_mode(config: Config, tmp_path: Path) -> None:
    (tmp_path / "app.toml").write_text('KEY = "k"\nother = 1\n[TABLE]\nx = 1\n')

    assert config.from_file("app.toml", tomllib.load, text=False) is True

    assert config == {"DEBUG": False, "KEY": "k", "TABLE": {"x": 1}}


def test_a_file_that_holds_no_mapping_is_refused(
    config: Config, tmp_path: Path
) -> None:
    (tmp_path / "app.json").write_text("[1]")

    with pytest.raises(TypeError, match=r"app\.json' holds a list, not a mapping"):
        config.from_file("app.json", json.load)


def test_a_variable_can_name_the_file(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.cfg").write_text("KEY = 'k'")
    monkeypatch.setenv("SHOP_SETTINGS", str(tmp_path / "app.cfg"))

    assert config.from_envvar("SHOP_SETTINGS") is True

    assert config["KEY"] == "k"


def test_an_unset_variable_is_told(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_SETTINGS", raising=False)

    with pytest.raises(RuntimeError, match="'SHOP_SETTINGS' is not set"):
        config.from_envvar("SHOP_SETTINGS")


def test_an_unset_variable_can_be_passed_over(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_SETTINGS", raising=False)

    assert config.from_envvar("SHOP_SETTINGS", silent=True) is False


def test_a_missing_file_named_by_a_variable_can_be_passed_over(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SETTINGS", "missing.cfg")

    assert config.from_envvar("SHOP_SETTINGS", silent=True) is False


def test_mappings_and_keywords_give_their_upper_case_keys(config: Config) -> None:
    assert config.from_mapping({"A": 1, "B": 2, "c": 3}, B=4, d=5) is True
    assert config.from_mapping(E=6) is True

    assert config == {"DEBUG": False, "A": 1, "B": 4, "E": 6}


def test_a_key_that_is_no_text_is_named(config: Config) -> None:
    with pytest.raises(TypeError, match="config key 1 is not a string"):
        config.from_mapping({1: 2})  # type: ignore[dict-item]  # the mistake


def test_a_namespace_is_cut_out_in_lower_case() -> None:
    config = Config("/", {"IMAGE_TYPE": "fs", "IMAGE_PATH": "/var", "X": 1})

    assert config.get_namespace("IMAGE_") == {"type": "fs", "path": "/var"}


def test_a_namespace_can_keep_its_keys() -> None:
    config = Config("/", {"IMAGE_TYPE": "fs"})

    assert config.get_namespace("IMAGE_", lowercase=False) == {"TYPE": "fs"}
    assert config.get_namespace("IMAGE_", trim_namespace=False) == {"image_type": "fs"}


VARIABLES = {
    "FLASK_TEXT": "some text",
    "FLASK_NUMBER": "1.5",
    "FLASK_FLAG": "true",
    "FLASK_LIST": "[1, 2]",
    "FLASK_OPTIONS": '{"old": 1, "inner": {}}',
    "FLASK_OPTIONS__new": "2",
    "FLASK_OPTIONS__inner__deep": "x",
    "FLASK_MADE__deep__er": "3",
    "FLASKX_OTHER": "1",
    "TANTALUS_ONLY": "4",
}


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("variables")
def test_prefixed_variables_become_values_and_nested_items() -> None:
    config = Config("/")

    assert config.from_prefixed_env() is True

    assert config == {
        "TEXT": "some text",
        "NUMBER": 1.5,
        "FLAG": True,
        "LIST": [1, 2],
        "OPTIONS": {"old": 1, "inner": {"deep": "x"}, "new": 2},
        "MADE": {"deep": {"er": 3}},
    }


@pytest.mark.usefixtures("variables")
def test_the_default_prefix_is_an_attribute() -> None:
    config = Config("/")
    config.env_prefix = "TANTALUS"

    config.from_prefixed_env()

    assert config == {"ONLY": 4}


@pytest.mark.usefixtures("variables")
def test_another_prefix_and_loader_can_be_given() -> None:
    config = Config("/")

    config.from_prefixed_env("FLASKX", loads=lambda text: text + "!")

    assert config == {"OTHER": "1!"}


def test_an_item_of_something_that_is_no_dict_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLASK_A", '{"b": 1}')
    monkeypatch.setenv("FLASK_A__b__c", "2")

    with pytest.raises(
        TypeError, match="'FLASK_A__b__c' sets an item of the config key 'A__b'"
    ):
        Config("/").from_prefixed_env()


def merge(config: Config) -> None:
    config |= {"B": 1}


CHANGES: dict[str, Callable[[Config], object]] = {
    "set item": lambda config: config.__setitem__("B", 1),
    "delete item": lambda config: config.__delitem__("A"),
    "update with a mapping": lambda config: config.update({"B": 1}),
    "update with pairs": lambda config: config.update([("B", 1)]),
    "update with keywords": lambda config: config.update(B=1),
    "setdefault": lambda config: config.setdefault("B", 1),
    "pop": lambda config: config.pop("A"),
    "popitem": lambda config: config.popitem(),
    "clear": lambda config: config.clear(),
    "merge": merge,
    "from a mapping": lambda config: config.from_mapping(B=1),
    "from an object": lambda config: config.from_object(SimpleNamespace(B=1)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_every_change_raises_the_version(change: Callable[[Config], object]) -> None:
    config = Config("/", {"A": 1})
    before = config.version

    change(config)

    assert config.version > before
    assert config != {"A": 1}


def test_a_nested_variable_raises_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERSIONED_A__b", "1")
    config = Config("/", {"A": {}})
    before = config.version

    config.from_prefixed_env("VERSIONED")

    assert config == {"A": {"b": 1}}
    assert config.version > before


def test_reading_keeps_the_version() -> None:
    config = Config("/", {"A": 1})
    before = config.version

    assert config["A"] == config.get("A") == 1
    assert config.get_namespace("A") == {"": 1}
    assert config | {"B": 2} == {"A": 1, "B": 2}

    assert config.version == before


def test_two_configs_never_have_the_same_version() -> None:
    assert Config("/").version != Config("/").version


def test_merging_in_place_keeps_the_object(config: Config) -> None:
    merged = config
    merged |= {"A": 1}

    assert merged is config
    assert config["A"] == 1


def test_changers_return_what_those_of_a_dict_do() -> None:
    config = Config("/", {"A": 1, "B": 2})

    assert config.setdefault("A", 3) == 1
    assert config.setdefault("C") is None
    assert config.pop("A") == 1
    assert config.pop("A", 5) == 5
    assert config.popitem() == ("C", None)
    with pytest.raises(KeyError):
        config.pop("A")


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda c: c.copy()])
def test_a_copy_has_the_same_settings(again: Callable[[Config], Any]) -> None:
    assert again(Config("/", {"A": [1]})) == {"A": [1]}


def test_a_config_survives_pickling() -> None:
    config = pickle.loads(pickle.dumps(Config("/root", {"A": [1]})))

    assert config == {"A": [1]}
    assert config.root_path == "/root"


@given(st.dictionaries(st.text(max_size=6), st.integers()))
def test_only_upper_case_keys_are_ever_taken_over(mapping: dict[str, int]) -> None:
    config = Config("/")

    config.from_mapping(mapping)

    assert config == {key: mapping[key] for key in mapping if key.isupper()}
