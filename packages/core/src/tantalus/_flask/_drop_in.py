"""The aliases behind `import flask`: each module of Flask is one of ours.

A module is loaded when somebody imports it, under both names the same object, so that
what a test or an extension replaces in one is replaced in the other.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from .._ground._flags import FLASK_VERSION
from .._ground._flags import is_installed as is_installed

_SAME = (
    "app blueprints cli config ctx debughelpers globals helpers json json.provider"
    " json.tag logging sessions signals templating testing typing views wrappers"
)
#: The public modules of Flask, and the module of ours that each name gives.
MODULES = {
    **{f"flask.{name}": f"tantalus.{name}" for name in _SAME.split()},
    "flask.sansio.app": "tantalus.app",
    "flask.sansio.blueprints": "tantalus.blueprints",
    "flask.sansio.scaffold": "tantalus._setup._scaffold",
}
#: Made by the finder itself: `flask`, and a package that only holds others.
PACKAGES = {"flask", "flask.sansio"}
#: What `python -m flask` runs.
PROGRAM = str(Path(__file__).parent.parent / "__main__.py")


class FlaskAlreadyImported(RuntimeError):
    """The real Flask was imported before it could be replaced."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(
            f"Flask is already imported, from {module.__file__!r}, and what imported it"
            " would go on using it. Call tantalus.install_as_flask() first of all, or"
            " start the program with 'python -m tantalus.as_flask'."
        )


class _Door(ModuleType):
    """The module `flask`: the names of `tantalus`, and the submodules when asked."""

    def __getattr__(self, name: str) -> Any:
        full_name = f"{self.__name__}.{name}"
        if full_name in MODULES or full_name in PACKAGES:
            return import_module(full_name)
        if self.__name__ == "flask":
            if name == "__version__":
                return _deprecated_version()
            if name == "__all__" or not name.startswith("__"):
                return self._take(name, sys._getframe(1))
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *import_module("tantalus").__all__})

    def _take(self, name: str, asking: FrameType) -> Any:
        """Return a name of `tantalus`, and have it at hand from now on."""
        try:
            value = getattr(import_module("tantalus"), name)
        except AttributeError:
            # Measured, the table takes a hundredth of the time to import this package.
            from ._borrowed import BESIDE, missing  # noqa: PLC0415 - see above

            if name not in BESIDE:
                raise missing(self, name, asking) from None
            value = import_module(BESIDE[name])
        setattr(self, name, value)
        return value


def _deprecated_version() -> str:
    warnings.warn(
        "Flask 3.2 has no '__version__' any more. Look for the feature, or ask"
        " importlib.metadata.version('flask').",
        DeprecationWarning,
        stacklevel=3,
    )
    return FLASK_VERSION


class _Aliases:
    """Finds the modules of Flask among ours, as finder and loader of imports.

    What it has by duty of either is here; the abstract classes of `importlib` would
    take a millisecond to import.
    """

    stands_for_flask = True

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return how to load a module of Flask, None for any other."""
        if fullname == "flask.__main__":
            return spec_from_file_location(fullname, PROGRAM)
        if fullname in MODULES or fullname in PACKAGES:
            is_package = fullname in PACKAGES
            return ModuleSpec(fullname, self, is_package=is_package)  # type: ignore[arg-type]  # a loader by its methods
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return our module of that name: the same object under both names."""
        if spec.name in PACKAGES:
            return _Door(spec.name)
        module = import_module(MODULES[spec.name])
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Let a module that has two names keep its own as its first."""
        spec = module.__spec__
        if spec is not None and spec.loader_state is not None:
            module.__spec__ = spec.loader_state
            # Measured, the table takes a hundredth of the time to import this package.
            from ._borrowed import lend_names  # noqa: PLC0415 - see above

            lend_names(module)


def install_as_flask() -> None:
    """Make `import flask` and its submodules resolve to Tantalus, in this process.

    Raises:
        FlaskAlreadyImported: It is too late: the real Flask is loaded.
    """
    if is_installed():
        return
    flask = sys.modules.get("flask")
    if flask is not None:
        raise FlaskAlreadyImported(flask)
    sys.meta_path.insert(0, _Aliases())
