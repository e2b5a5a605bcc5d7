from __future__ import annotations

import ntpath
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tantalus_http import safe_filename
from tantalus_http._filenames import suffix_of

NAMES = [
    ("photo.jpg", "photo.jpg"),
    ("my photo (1).JPG", "my photo (1).JPG"),
    ("bücher, 東京.pdf", "bücher, 東京.pdf"),
    ("../../etc/passwd", "passwd"),
    ("/etc/passwd", "passwd"),
    (r"..\..\boot.ini", "boot.ini"),
    (r"C:\boot.ini", "boot.ini"),
    ("C:boot.ini", "C_boot.ini"),
    (r"\\host\share\a.txt", "a.txt"),
    ("a.txt\0.jpg", "a.txt_.jpg"),
    ("a\r\nSet-Cookie: b", "a__Set-Cookie_ b"),
    ("file.txt::$DATA", "file.txt__$DATA"),
    ("gpj.\u202eexe", "gpj._exe"),
    ("\u2028.txt", "_.txt"),
    (".htaccess", "_.htaccess"),
    ("-rf", "_-rf"),
    ("~root", "_~root"),
    ("NUL", "_NUL"),
    ("nul.txt", "_nul.txt"),
    ("COM1.tar.gz", "_COM1.tar.gz"),
    ("com¹.txt", "_com¹.txt"),
    ("con .txt", "_con .txt"),
    ("lpt", "lpt"),
    ("console.txt", "console.txt"),
    ("a.txt. . ", "a.txt"),
    ("", "upload"),
    ("..", "upload"),
    ("../", "upload"),
    (" . ", "upload"),
    ("___", "upload"),
    ("<>", "upload"),
    ("e\u0301.txt", "é.txt"),
]


@pytest.mark.parametrize(("sent", "safe"), NAMES)
def test_a_name_is_made_safe(sent: str, safe: str) -> None:
    assert safe_filename(sent) == safe


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_filename("x" * 1000 + ".jpeg") == "x" * 195 + ".jpeg"
    assert safe_filename("ä" * 1000) == "ä" * 100
    assert safe_filename("a." + "x" * 1000) == "a." + "x" * 198


DEVICES = {"con", "prn", "aux", "nul"} | {f"com{n}" for n in "123456789¹²³"}


@given(st.text() | st.text(alphabet="./\\:\0 ~conul1", max_size=12))
@example("\ud800")
@example("\ufb01/\uff0e\uff0e")
def test_any_name_stays_in_its_folder(sent: str) -> None:
    safe = safe_filename(sent)

    assert safe not in ("", ".", "..")
    assert not set(safe) & set('/\\\0:<>"|?*')
    assert ntpath.basename(safe) == safe
    assert safe[0] not in ".-~ "
    assert safe[-1] not in ". "
    assert safe.partition(".")[0].strip().lower() not in DEVICES
    assert len(safe.encode()) <= 200
    assert not any(unicodedata.category(letter)[0] == "C" for letter in safe)


@given(st.text())
def test_a_safe_name_stays_as_it_is(sent: str) -> None:
    safe = safe_filename(sent)

    assert safe_filename(safe) == safe


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.JPG", ".jpg"),
        ("a.tar.gz", ".gz"),
        ("a", ""),
        (".jpg", ""),
        ("a.", ""),
        ("a.b c", ""),
        ("a.jpé", ""),
        ("a." + "x" * 20, ""),
    ],
)
def test_a_suffix_is_plain_or_none(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix
