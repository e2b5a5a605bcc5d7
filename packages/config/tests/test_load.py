from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tantalus_config import Config, Secret, SettingsError, load_settings


@dataclass(frozen=True)
class Database:
    host: str = "localhost"
    port: int = 5432
    password: Secret | None = None


@dataclass
class Settings:
    secret_key: Secret
    port: int = 8000
    debug: bool = False
    timeout: timedelta = timedelta(seconds=30)
    tags: tuple[str, ...] = ()
    database: Database = field(default_factory=lambda: Database("db.internal"))


class Shop:
    """A folder with files of settings, and an environment."""

    def __init__(self, folder: Path, environment: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.environment = environment

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)

    def load(
        self,
        toml: str | None = None,
        env_file: str | None = None,
        override: Mapping[str, Any] | None = None,
        kind: type[Any] = Settings,
        **variables: str,
    ) -> Any:
        for name, value in variables.items():
            self.environment.setenv(f"SHOP_{name}", value)
        files: dict[str, Any] = {}
        if toml is not None:
            files["toml_file"] = self.write("shop.toml", toml)
        if env_file is not None:
            files["env_file"] = self.write(".env", env_file)
        return load_settings(kind, "SHOP", override=override, **files)

    def problems(self, *sources: Any, **named: Any) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            self.load(*sources, **named)
        folder = f"{self.folder}/"
        return [str(each).replace(folder, "") for each in caught.value.problems]


@pytest.fixture
def shop(tmp_path: Path, environment: pytest.MonkeyPatch) -> Shop:
    return Shop(tmp_path, environment)


def test_the_defaults_of_the_class_are_the_least(shop: Shop) -> None:
    settings = shop.load(SECRET_KEY="k")

    assert settings == Settings(Secret("k"))
    assert type(settings.secret_key) is Secret


def test_what_is_nearer_to_the_program_counts_first(shop: Shop) -> None:
    toml = 'port = 1\nsecret_key = "t"\ntags = ["t"]\n[database]\nport = 1\nhost = "t"'
    env_file = "SHOP_PORT=2\nSHOP_SECRET_KEY=e\nSHOP_DATABASE__PORT=2\n"

    settings = shop.load(
        toml, env_file, {"port": 4}, PORT="3", DATABASE__PORT="3", OTHER="x"
    )

    assert settings.port == 4
    assert settings.database.port == 3
    assert settings.secret_key == "e"
    assert settings.tags == ("t",)
    assert settings.database.host == "t"


def test_of_several_files_the_last_counts_first(shop: Shop) -> None:
    first = shop.write("a.toml", 'port = 1\nsecret_key = "a"')
    second = shop.write("b.toml", "port = 2")

    settings = load_settings(Settings, "SHOP", toml_file=[first, second])

    assert (settings.port, settings.secret_key) == (2, "a")


def test_a_group_of_which_something_is_set_keeps_its_own_defaults(shop: Shop) -> None:
    settings = shop.load(SECRET_KEY="k", DATABASE__PORT="1")

    assert settings.database == Database("db.internal", 1)


def test_a_group_can_be_overridden_by_an_object(shop: Shop) -> None:
    override = {"secret_key": "k", "database": Database("test", 1)}

    assert shop.load(override=override).database == Database("test", 1)


def test_all_that_is_wrong_is_told_at_once(shop: Shop) -> None:
    problems = shop.problems(
        'prt = 1\ntags = "a"\n[database]\nport = true\nhsot = "x"\n[other]\na = 1\n',
        "SHOP_DATABASE__HOST='x\nSHOP_DEBGU=1\nSHOP_OTHER=1",
        {"nonsense": 1},
        PORT="eighty",
        DEBUG="maybe",
        SECRET_KYE="x",
        SECRET_KEY_FILE="/no/such/file",
        DATABASE="x",
    )

    assert problems == [
        "nonsense in override: There is no such setting. Known are secret_key, port,"
        " debug, timeout, tags, database.",
        "SHOP_SECRET_KEY_FILE in the environment: The file '/no/such/file' cannot be"
        " read: No such file or directory. Make it readable, or correct the name.",
        "SHOP_DATABASE in the environment: It is a group of settings. Set"
        " SHOP_DATABASE__HOST and the like.",
        ".env, line 1: The quote of SHOP_DATABASE__HOST is open. Write another ' at"
        " its end.",
        "SHOP_DEBGU in .env, line 2: There is no such setting. Did you mean"
        " SHOP_DEBUG?",
        "prt in shop.toml: There is no such setting. Did you mean 'port'?",
        "database.hsot in shop.toml: There is no such setting. Did you mean 'host'?",
        "other in shop.toml: There is no such setting. Known are secret_key, port,"
        " debug, timeout, tags, database.",
        "SHOP_PORT in the environment: 'eighty' is not a whole number. Write digits"
        " only, as in 8000.",
        "SHOP_DEBUG in the environment: 'maybe' is not true or false. Write true or"
        " false.",
        "tags in shop.toml: 'a' is not a list. Write [a, b].",
        "database.port in shop.toml: True is not a whole number. Write digits only,"
        " as in 8000.",
    ]


def test_a_setting_that_is_missing_is_told_with_all_ways_to_set_it(shop: Shop) -> None:
    assert shop.problems("port = 1", SECRET_KYE="x") == [
        "SHOP_SECRET_KEY: There is no value, and no default. Set the environment"
        " variable SHOP_SECRET_KEY, or SHOP_SECRET_KEY_FILE to the path of a file with"
        f" it, or secret_key in {shop.folder}/shop.toml. Is SHOP_SECRET_KYE, which is"
        " set, a slip?".replace(f"{shop.folder}/", "")
    ]


def test_problems_can_be_read_by_programs(shop: Shop) -> None:
    with pytest.raises(SettingsError, match="There is 1 problem with the sett") as one:
        shop.load()
    with pytest.raises(SettingsError, match="There are 2 problems with the") as two:
        shop.load(PORT="x")

    assert [each.setting for each in one.value.problems] == ["SECRET_KEY"]
    assert [each.setting for each in two.value.problems] == ["SECRET_KEY", "PORT"]
    assert two.value.name == "Settings"


@dataclass
class Range:
    lowest: int = 0
    highest: int = 9
    password: Secret = field(default="")  # type: ignore[assignment]  # made one
    token: str = ""

    def __post_init__(self) -> None:
        if self.lowest > self.highest:
            raise ValueError(
                f"{self.lowest} > {self.highest} {self.password} {self.token}."
            )
        if self.lowest < 0:
            raise ValueError


@dataclass
class Ranges:
    age: Range = field(default_factory=Range)


def test_what_a_class_says_of_its_values_is_told(shop: Shop) -> None:
    assert shop.problems(kind=Ranges, AGE__LOWEST="10") == [
        "SHOP_AGE: 10 > 9  . Range refuses these values together."
    ]
    assert shop.problems(kind=Ranges, AGE__LOWEST="-1") == [
        "SHOP_AGE: Something is wrong. Range refuses these values together."
    ]
    assert shop.problems(kind=Range, LOWEST="-1") == [
        "all settings: Something is wrong. Range refuses these values together."
    ]


SECRET = "hunter2-hunter2"


def test_no_problem_shows_a_secret(shop: Shop) -> None:
    file = shop.write("token", SECRET)

    [problem] = shop.problems(kind=Range, LOWEST="10", PASSWORD=SECRET, TOKEN_FILE=file)

    assert problem == "all settings: 10 > 9 … …. Range refuses these values together."


@dataclass
class Account:
    name: str
    password: Secret


@dataclass
class Secrets:
    pin: list[Secret]
    port: int
    accounts: list[Account] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)


def test_no_traceback_and_no_frame_shows_a_secret(shop: Shop) -> None:
    shop.environment.setenv("SHOP_PORT_FILE", shop.write("port", SECRET))
    file = shop.write(
        "shop.toml",
        f'pin = [1, "{SECRET}"]\n'
        f'[[accounts]]\nname = 1\npassword = {{a = "{SECRET}"}}\n',
    )

    with pytest.raises(SettingsError) as caught:
        load_settings(Secrets, "SHOP", toml_file=file)

    shown = "".join(
        traceback.TracebackException.from_exception(
            caught.value, capture_locals=True
        ).format()
    )
    assert len(caught.value.problems) == 4
    assert SECRET not in shown
    assert "Secret('…') is not a whole number." in shown
    assert caught.value.__context__ is None


def test_a_file_with_a_secret_is_read_without_its_last_line_end(shop: Shop) -> None:
    for content in ("k\n", "k\r\n", "k", "\ufeffk"):
        file = shop.write("key", content)
        assert shop.load(SECRET_KEY_FILE=file).secret_key == "k"
    assert shop.load(SECRET_KEY_FILE=shop.write("key", " k\n\n")).secret_key == " k\n"


def test_a_value_and_a_file_for_it_are_refused_together(shop: Shop) -> None:
    file = shop.write("key", "k")

    assert shop.problems(SECRET_KEY="k", SECRET_KEY_FILE=file) == [
        "SHOP_SECRET_KEY in the environment: SHOP_SECRET_KEY_FILE is set, too. Unset"
        " one of the two."
    ]


def test_a_value_counts_before_a_file_of_a_lesser_source(shop: Shop) -> None:
    env_file = "SHOP_SECRET_KEY_FILE=/no/such/file"

    assert shop.load(env_file=env_file, SECRET_KEY="k").secret_key == "k"


def test_files_that_do_not_exist_are_passed_over_if_that_is_said(shop: Shop) -> None:
    missing = shop.folder / "missing"
    shop.environment.setenv("SHOP_SECRET_KEY", "k")

    with pytest.raises(SettingsError, match="No such file"):
        load_settings(Settings, "SHOP", env_file=missing)
    with pytest.raises(SettingsError, match="No such file"):
        load_settings(Settings, "SHOP", toml_file=missing)
    load_settings(Settings, "SHOP", env_file=missing, toml_file=missing, silent=True)


@dataclass
class Servers:
    servers: list[Account] = field(default_factory=list)
    by_name: dict[str, Account] = field(default_factory=dict)


def test_classes_in_lists_are_read_from_tables_and_from_json(shop: Shop) -> None:
    toml = (
        '[[servers]]\nname = "a"\npassword = "p"\n[by_name.b]\nName="b"\npassword="q"'
    )

    settings = shop.load(toml, kind=Servers)

    assert settings.servers == [Account("a", Secret("p"))]
    assert settings.by_name == {"b": Account("b", Secret("q"))}
    text = '[{"name": "c", "password": "r"}]'
    assert shop.load(kind=Servers, SERVERS=text).servers == [Account("c", Secret("r"))]
    given = [Account("d", Secret("s"))]
    assert shop.load(override={"servers": given}, kind=Servers).servers == given


@dataclass
class Two:
    first: Account
    second: Account | None = None


def test_a_group_without_a_default_needs_its_settings(shop: Shop) -> None:
    assert [each.split(":")[0] for each in shop.problems(kind=Two)] == [
        "SHOP_FIRST__NAME",
        "SHOP_FIRST__PASSWORD",
    ]
    assert shop.load(kind=Two, FIRST__NAME="a", FIRST__PASSWORD="p") == Two(
        Account("a", Secret("p"))
    )
    assert [
        each.split(":")[0] for each in shop.problems(kind=Two, SECOND__NAME="b")
    ] == ["SHOP_SECOND__PASSWORD"]


def test_what_is_wrong_in_a_list_of_classes_is_told_with_its_place(shop: Shop) -> None:
    assert shop.problems('servers = [{name = 1, pasword = "x"}, 7]', kind=Servers) == [
        "servers in shop.toml: [0].pasword: There is no such setting. Did you mean"
        " 'password'?",
        "servers in shop.toml: [0].name: 1 is not text. Write it in quotes.",
        "servers in shop.toml: [0].password: There is no value, and no default. Add"
        " it.",
        "servers in shop.toml: [1]: 7 is not a table. Write {name = value}.",
    ]


def test_a_class_alone_may_be_a_text_of_json(shop: Shop) -> None:
    @dataclass
    class One:
        one: Account | int = 0

    One.__annotations__["one"] = Account | int
    text = '{"name": "a", "password": "p"}'

    assert shop.load(kind=One, ONE=text).one == Account("a", Secret("p"))
    assert shop.load(kind=One, ONE="1").one == 1


def test_a_config_takes_over_what_it_loads(shop: Shop) -> None:
    shop.write("shop.toml", 'tags = ["a"]\n[database]\nport = 1')
    shop.environment.setenv("SHOP_SECRET_KEY", "k")
    config = Config(shop.folder, {"PORT": 1, "OTHER": 2})
    config.env_prefix = "SHOP"
    version = config.version

    settings = config.load(Settings, toml_file="shop.toml")

    assert config["SECRET_KEY"] == "k"
    assert config["PORT"] == 8000
    assert config["OTHER"] == 2
    assert config["DATABASE"] is settings.database
    assert config.version > version
    assert "'k'" not in repr(config)


def test_a_config_knows_where_its_settings_come_from(shop: Shop) -> None:
    shop.environment.setenv("SHOP_SECRET_KEY", "k")
    shop.environment.setenv("SHOP_PORT_FILE", shop.write("port", "80"))
    config = Config(shop.folder)

    config.load(Settings, "SHOP", override={"database": {"port": 1}})

    assert {
        name: origin.source
        for name, origin in config.loaded.items()
        if origin.source != "default"
    } == {
        "SECRET_KEY": "SHOP_SECRET_KEY in the environment",
        "PORT": f"SHOP_PORT_FILE in the environment ({shop.folder}/port)",
        "DATABASE.PORT": "database.port in override",
    }
    assert [name for name, origin in config.loaded.items() if origin.is_secret] == [
        "SECRET_KEY",
        "DATABASE.PASSWORD",
    ]
    assert config.loaded["PORT"].value == 80
    assert config.loaded["DATABASE.HOST"].value == "db.internal"
    assert "value=" not in repr(config.loaded)


def test_a_config_is_left_as_it_was_if_something_is_wrong(shop: Shop) -> None:
    config = Config(shop.folder, {"PORT": 1})

    with pytest.raises(SettingsError):
        config.load(Settings, "SHOP")

    assert (config, config.loaded) == ({"PORT": 1}, {})
