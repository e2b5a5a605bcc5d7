"""Texts that may be used and not be seen."""

from __future__ import annotations

from typing import Any, NoReturn, Self


class Secret(str):
    """A text that `repr` does not show: a password, a key, a URL with one.

    It is a `str` wherever one is wanted. What shows objects, such as debuggers, logs of
    variables and the `repr` of what holds it, shows `Secret('…')`. What asks for the
    text itself gets it: `print()`, f-strings, JSON.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('…')"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be written into a pickle.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            "A Secret is not pickled: it would lie readable in the pickle. Load the"
            " settings where they are needed, or write str.__str__(secret) on purpose."
        )
