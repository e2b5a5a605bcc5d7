"""What is unsafe about settings whose types are known, by `config.load()`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, cast

from tantalus_cli._findings import Finding
from tantalus_cli._keys import is_placeholder

# Passwords of fewer bytes can be tried.
_FEWEST_BYTES = 8
# These are signed with, and are looked at as keys.
_KEYS = frozenset({"SECRET_KEY", "SECRET_KEY_FALLBACKS"})


class LoadedLike(Protocol):
    """A setting, and where it came from."""

    @property
    def value(self) -> object:
        """What it is now."""
        ...

    @property
    def source(self) -> str:
        """The variable or file; `default` for a value of the code."""
        ...

    @property
    def is_secret(self) -> bool:
        """Whether its type says that nobody may see it."""
        ...


def find_typed_risks(app: object) -> Iterator[Finding]:
    """Yield what is unsafe; nothing if the settings of an app have no types."""
    loaded = getattr(getattr(app, "config", None), "loaded", None)
    if not isinstance(loaded, Mapping):
        return
    for name, setting in cast(Mapping[str, LoadedLike], loaded).items():
        if setting.is_secret:
            yield from _secret(name, setting)
        elif name.endswith((".DEBUG", "_DEBUG")) and setting.value is True:
            yield Finding(
                "debug-setting",
                name,
                f"{name} is on ({setting.source}).",
                "Switch it off where visitors come.",
            )


def _secret(name: str, setting: LoadedLike) -> Iterator[Finding]:
    value = setting.value
    for text in value if isinstance(value, list | tuple | set | frozenset) else [value]:
        if not isinstance(text, str):
            continue
        problem = _weakness(text, setting, is_key=name in _KEYS)
        if problem:
            cure = f"Remove the default of {name}, and set it where the app runs."
            if setting.source != "default":
                cure = f"Choose another one, and set it: {setting.source}."
            yield Finding("secret-weak", name, f"The secret {problem}.", cure)


def _weakness(text: str, setting: LoadedLike, *, is_key: bool) -> str | None:
    if setting.source == "default":
        return "stands in the code, for all who read it"
    if is_key:
        return None
    if len(text.encode(errors="surrogatepass")) < _FEWEST_BYTES:
        return f"has fewer than {_FEWEST_BYTES} bytes"
    # The words of a URL tell what it leads to.
    if "://" not in text and is_placeholder(text):
        return "looks like a placeholder"
    return None
