"""Where the files of a program lie: its package, resources and instance folder."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import IO, Any


def open_resource(
    root_path: str, resource: str, mode: str = "rb", encoding: str | None = None
) -> IO[Any]:
    """Open a file that is shipped with the program.

    Args:
        resource: Relative to `root_path`.
        mode: "rb", "r" or "rt".
        encoding: Used in text mode only.

    Raises:
        ValueError: The mode is another one.
        OSError: The file can't be opened.
    """
    if mode not in ("r", "rt", "rb"):
        raise ValueError(
            f"The mode {mode!r} is refused: Resources can only be opened for reading."
            " Use 'r' or 'rb', or open_instance_resource() to write."
        )
    return open_instance_resource(root_path, resource, mode, encoding)


def open_instance_resource(
    instance_path: str,
    resource: str,
    mode: str = "rb",
    encoding: str | None = "utf-8",
) -> IO[Any]:
    """Open a file of the instance folder, for writing too.

    Args:
        resource: Relative to `instance_path`.
        encoding: Used in text mode only.

    Raises:
        OSError: The file can't be opened.
    """
    path = os.path.join(instance_path, resource)
    return open(path, mode, encoding=None if "b" in mode else encoding)


def program_name(import_name: str) -> str:
    """Return the name of a program: that of its module, or of the program's file."""
    if import_name != "__main__":
        return import_name
    path: str | None = getattr(sys.modules["__main__"], "__file__", None)
    return import_name if path is None else os.path.splitext(os.path.basename(path))[0]


def absolute_instance_path(path: str) -> str:
    """Return `path`, the instance folder of a program.

    Raises:
        ValueError: It is not absolute.
    """
    if not os.path.isabs(path):
        raise ValueError(
            f"The instance path {path!r} is relative. If an instance path is provided"
            " it must be absolute: use os.path.abspath()."
        )
    return path


def auto_find_instance_path(import_name: str, name: str) -> str:
    """Return where the instance folder of a program is, whether it exists or not.

    Args:
        import_name: The module or package of the app.
        name: Tells its folder from others' if it is installed: `var/{name}-instance`.
    """
    prefix, path = find_package(import_name)
    if prefix is None:
        return os.path.join(path, "instance")
    return os.path.join(prefix, "var", f"{name}-instance")


def get_root_path(import_name: str) -> str:
    """Return the folder of a package or module, the working directory if unknown.

    Raises:
        RuntimeError: The module has no file, as a namespace package has none.
    """
    module = sys.modules.get(import_name)
    path = getattr(module, "__file__", None)
    if path is None:
        spec = _find_spec(import_name)
        if spec is None or spec.loader is None:
            return os.getcwd()
        path = _path_of(spec)
    return os.path.dirname(os.path.abspath(path))


def find_package(import_name: str) -> tuple[str | None, str]:
    """Return `(prefix, path)`: where a package is installed and is imported from.

    `prefix` is the folder that holds `lib`, None for a package that is not installed.
    """
    path = _import_path(import_name)
    prefix = os.path.abspath(sys.prefix)
    if _lies_in(path, prefix):
        return prefix, path
    parent, folder = os.path.split(path)
    if folder.lower() != "site-packages":
        return None, path
    outer, inner = os.path.split(parent)
    if inner.lower() == "lib":  # Windows: lib\\site-packages
        return outer, path
    if os.path.basename(outer).lower() == "lib":  # lib/python3.11/site-packages
        return os.path.dirname(outer), path
    return parent, path


def _import_path(import_name: str) -> str:
    """Return the folder that `import_name` is imported from; the working directory."""
    root = _find_spec(import_name.partition(".")[0])
    if root is None:
        return os.getcwd()
    places = root.submodule_search_locations
    if not places:
        return os.path.dirname(root.origin or "")
    if root.origin not in (None, "namespace"):
        return os.path.dirname(os.path.dirname(root.origin))
    return os.path.dirname(_namespace_portion(import_name, list(places)))


def _namespace_portion(import_name: str, places: list[str]) -> str:
    """Return which folder of a namespace package holds `import_name`."""
    spec = _find_spec(import_name)
    inner = spec.submodule_search_locations if spec else None
    if not inner:
        return places[0]
    path = os.path.commonpath(inner)
    inside = (place for place in places if _lies_in(path, place))
    return next(inside, places[0])


def _lies_in(path: str, folder: str) -> bool:
    return os.path.join(path, "").startswith(os.path.join(folder, ""))


def _find_spec(import_name: str) -> ModuleSpec | None:
    try:
        return find_spec(import_name)
    except (ImportError, ValueError):  # ValueError: `__main__`, or no name at all
        return None


def _path_of(spec: ModuleSpec) -> str:
    get_filename: Any = getattr(spec.loader, "get_filename", None)
    if get_filename is not None:
        return str(get_filename(spec.name))
    # The loader of an archive or of other storage may set it on import only.
    path = getattr(import_module(spec.name), "__file__", None)
    if path is None:
        raise RuntimeError(
            f"No root path can be found for the module {spec.name!r}: it has no file,"
            " being a namespace package or made by an import hook. Pass `root_path`."
        )
    return str(path)
