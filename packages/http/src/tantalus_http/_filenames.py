"""The names of uploaded files, which their senders choose, as names that are safe."""

from __future__ import annotations

import re
from unicodedata import category, normalize

# What starts a stream, a drive or a shell pattern on one system or another.
_SIGNS = frozenset('<>:"|?*')
_BREAKS = frozenset({"Zl", "Zp"})
# Devices of Windows in whatever folder, and with whatever suffix.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.I)
# Bytes that file systems allow, with room for a number.
_MOST_BYTES = 200
_MOST_SUFFIX = 20


def safe_filename(sent: str) -> str:
    """Return a name that stays in its folder, of the name that a client sent.

    Folders are left out, be it `../` or `C:\\`. Letters of any script stay; control
    characters, marks that turn the direction of text, and signs that mean something to
    a system become `_`. A name of a device (`NUL.txt`) and a hidden one get a `_` in
    front, and a long one is cut, before its suffix. Nothing is `upload`.
    """
    name = normalize("NFC", sent).replace("\\", "/").rpartition("/")[2]
    name = "".join(map(_harmless, name)).strip().rstrip(". ")
    if not name.strip("._ "):
        return "upload"
    if name[0] in ".-~" or _DEVICE.fullmatch(name.partition(".")[0].strip()):
        name = f"_{name}"
    return _cut(name)


def suffix_of(name: str) -> str:
    """Return the suffix of a safe name, with its dot, if it is a plain one."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or not suffix.isascii() or not suffix.isalnum():
        return ""
    return f"{dot}{suffix.lower()}" if len(suffix) < _MOST_SUFFIX else ""


def _harmless(letter: str) -> str:
    # Control and format characters, halves of pairs, what is not assigned; line ends.
    if letter in _SIGNS or category(letter)[0] == "C" or category(letter) in _BREAKS:
        return "_"
    return letter


def _cut(name: str) -> str:
    if len(name.encode()) <= _MOST_BYTES:
        return name
    suffix = name[len(name) - len(suffix_of(name)) :]
    stem = name.encode()[: _MOST_BYTES - len(suffix)]
    return stem.decode(errors="ignore").rstrip(". ") + suffix
