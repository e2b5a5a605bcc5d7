from __future__ import annotations

import ssl
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest
from werkzeug.serving import make_ssl_devcert

from tantalus_cli import SeparatedPathType, run_command
from tantalus_cli._cert import check_certificate

HERE = str(Path(__file__).resolve())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return make_ssl_devcert(str(tmp_path_factory.mktemp("cert") / "dev"))


def certificate_of(*args: str) -> object:
    return run_command.make_context("run", list(args)).params["cert"]


@pytest.mark.parametrize(
    "args",
    [("--cert", HERE, "--key", HERE), ("--key", HERE, "--cert", HERE)],
    ids=["certificate first", "key first"],
)
def test_a_certificate_and_its_key_are_a_pair(args: tuple[str, ...]) -> None:
    assert certificate_of(*args) == (HERE, HERE)


@pytest.mark.parametrize("word", ["adhoc", "AdHoc"])
def test_a_certificate_may_be_made_up(word: str) -> None:
    assert certificate_of("--cert", word) == "adhoc"


def test_no_certificate_is_none() -> None:
    assert certificate_of() is None


def test_a_context_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    module = ModuleType("site_tls")
    module.Context = context  # type: ignore[attr-defined] # made for this test
    monkeypatch.setitem(sys.modules, "site_tls", module)

    assert certificate_of("--cert", "site_tls:Context") is context


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (("--cert", HERE), "Required when '--cert' is a file. Add '--key FILE'."),
        (("--key", HERE), "There is no certificate to this key. Add '--cert FILE'."),
        (("--cert", "adhoc", "--key", HERE), "Not used when '--cert' is 'adhoc' or"),
        (("--cert", "ssl:nothing"), "File 'ssl:nothing' does not exist."),
        (("--cert", "missing.pem"), "File 'missing.pem' does not exist."),
        (("--cert", ""), "File '' is a directory. Give the file of a certificate,"),
        (("--cert", "."), "File '.' is a directory. Give the file of a certificate,"),
        (("--cert", ".."), "'adhoc', or an SSLContext as 'module:name'."),
        (("--cert", ":"), "File ':' does not exist."),
        (("--cert", "ssl:"), "File 'ssl:' does not exist."),
        (("--cert", ".ssl"), "File '.ssl' does not exist."),
        (("--cert", "a..b"), "File 'a..b' does not exist."),
        (("--cert", " "), "File ' ' does not exist."),
    ],
)
def test_what_does_not_go_together_is_told(args: tuple[str, ...], problem: str) -> None:
    with pytest.raises(click.BadParameter, match=problem):
        certificate_of(*args)


def test_a_context_has_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    monkeypatch.setitem(sys.modules, "site_tls", context)

    with pytest.raises(click.BadParameter, match="Not used when '--cert' is 'adhoc'"):
        certificate_of("--cert", "site_tls", "--key", HERE)


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        ("ssl", "HTTPS needs a Python that was built with its 'ssl' module."),
        ("cryptography", "Run 'pip install cryptography'."),
    ],
)
def test_a_missing_library_is_told(
    module: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(click.BadParameter, match=problem):
        certificate_of("--cert", "adhoc")


def test_a_pair_that_fits_is_accepted(pair: tuple[str, str]) -> None:
    check_certificate(pair)
    check_certificate("adhoc")
    check_certificate(None)


@pytest.mark.parametrize("broken", ["certificate", "key"])
def test_files_that_are_no_certificate_are_told(
    broken: str, pair: tuple[str, str]
) -> None:
    files = (HERE, pair[1]) if broken == "certificate" else (pair[0], HERE)

    with pytest.raises(
        click.UsageError, match="Give a PEM certificate and the private key it"
    ):
        check_certificate(files)


def test_paths_are_split_as_the_system_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SeparatedPathType().convert("a.txt:b.txt", None, None) == ["a.txt", "b.txt"]


def test_each_of_several_paths_is_checked() -> None:
    existing = SeparatedPathType(exists=True)

    with pytest.raises(click.BadParameter, match=r"Path 'missing\.txt' does not exist"):
        existing.convert(f"{HERE}:missing.txt", None, None)
