"""A serializer that is loaded when somebody asks for it.

A program without sessions has no use for it, and an interface exists in every app.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loaded with the first signer
    from ._signer import TextSerializer


class SharedSerializer:
    """The class attribute `serializer`, which is loaded when it is read."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __get__(self, interface: object, owner: type) -> TextSerializer:
        return _load_serializer(self._module, self._name)


@cache
def _load_serializer(module: str, name: str) -> TextSerializer:
    # Not written out, as who imports this module does not import those.
    serializer: TextSerializer = getattr(import_module(module, __package__), name)
    return serializer
