"""The settings of a program, and the ways to fill them.

`Config` is a dict whose upper-case keys come from objects, files or environment
variables. It counts its changes in `version`, so that what an app derives from
settings (keys, adapters, limits) is rebuilt when they change and never per request.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import types
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import wraps
from pkgutil import resolve_name
from typing import IO, TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # loaded with the first settings that have types
    from ._codec import SettingsCodec
    from ._load import LoadedSetting

T = TypeVar("T")
Change = TypeVar("Change", bound=Callable[..., Any])

_NO_FILE = (errno.ENOENT, errno.EISDIR)

# One counter for all configs: a version seen on one is never seen on another, so a
# cache notices a replaced config as well as a changed one.
_changes = itertools.count(1)


def _counted(method: Change) -> Change:
    """Return a method of dict that changes the version as well."""

    @wraps(method)
    def change(config: Config, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(config, *args, **kwargs)
        finally:
            # After the change: what is derived in between is derived once too often,
            # never once too little.
            config.version = next(_changes)

    return change  # type: ignore[return-value]  # takes the same arguments


class Config(dict[str, Any]):
    """A dict of settings that can be filled from files, objects and variables.

    The `from_*` methods take over upper-case names only, so that a file may use
    others for itself.

    Args:
        root_path: The folder that relative file names are looked up in.
        defaults: Copied into the config first.
    """

    #: The prefix `from_prefixed_env()` uses if it is given none.
    env_prefix: str = "FLASK"

    def __init__(
        self,
        root_path: str | os.PathLike[str],
        defaults: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(defaults or {})
        self.root_path = root_path
        #: Grows with every change; changes inside a value don't count.
        self.version = next(_changes)
        #: Where the settings came from that `load()` has loaded, by their names.
        self.loaded: dict[str, LoadedSetting] = {}

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Load the Python file that an environment variable names.

        Args:
            silent: Return False if the variable is not set or its file is missing.

        Raises:
            RuntimeError: The variable is not set.
            OSError: The file can't be read.
        """
        filename = os.environ.get(variable_name)
        if filename:
            return self.from_pyfile(filename, silent=silent)
        if silent:
            return False
        raise RuntimeError(
            f"The environment variable {variable_name!r} is not set, so there is no"
            " configuration file to load. Set it to the path of one."
        )

    def from_prefixed_env(
        self, prefix: str | None = None, *, loads: Callable[[str], Any] = json.loads
    ) -> bool:
        """Take over the environment variables that start with `prefix` and `_`.

        `PREFIX_KEY` sets `KEY`; `PREFIX_KEY__item` sets `item` in the dict under
        `KEY`, which is made if it does not exist. Variables are read in sorted order.

        Args:
            prefix: Without the underscore; `env_prefix` if None.
            loads: Converts each text; a text that it refuses is kept as it is.

        Raises:
            TypeError: A variable sets an item of something that is no dict.
        """
        prefix = f"{self.env_prefix if prefix is None else prefix}_"
        for variable in sorted(os.environ):
            if variable.startswith(prefix):
                value = _loaded(os.environ[variable], loads)
                self._set_nested(variable, variable.removeprefix(prefix), value)
        return True

    def load(
        self,
        kind: type[T],
        prefix: str | None = None,
        *,
        env_file: str | os.PathLike[str] | None = None,
        toml_file: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
        override: Mapping[str, Any] | None = None,
        silent: bool = False,
        codec: SettingsCodec | None = None,
    ) -> T:
        """Return the settings that a dataclass names, checked; take them over, too.

        Its fields become the upper-case names of the config. What counts first:
        `override`, the environment, `env_file`, `toml_file`, defaults of the class.

        Args:
            prefix: Of the environment variables; `env_prefix` if None.
            env_file: A file of variables, as all files relative to `root_path`.
            toml_file: One or several; what comes later counts more.
            silent: Pass over files that do not exist.
            codec: Knows types that are not known here, or `kind` if it is no dataclass.

        Raises:
            SettingsError: Settings are missing or wrong; tells all that are.
            TypeError: `kind` cannot be loaded.
        """
        # Programs whose settings have no types need none of it.
        from ._load import Sources, load, paths_of  # noqa: PLC0415 - see above

        sources = Sources(
            self.env_prefix if prefix is None else prefix,
            env_file,
            paths_of(toml_file),
            override,
            silent,
            codec,
            self.root_path,
        )
        loaded = load(kind, sources)
        settings = loaded.checked()
        self.update(loaded.by_name())
        self.loaded.update({origin.name: origin for origin in loaded.origins})
        return settings

    def from_pyfile(
        self, filename: str | os.PathLike[str], silent: bool = False
    ) -> bool:
        """Run a Python file and take over its upper-case names.

        Args:
            filename: Absolute, or relative to `root_path`.
            silent: Return False if the file is missing.

        Raises:
            OSError: The file can't be read.
        """
        path = os.path.join(self.root_path, filename)
        module = types.ModuleType("config")
        module.__file__ = path
        try:
            with open(path, "rb") as file:
                source = file.read()
        except OSError as err:
            if silent and err.errno in (*_NO_FILE, errno.ENOTDIR):
                return False
            raise _unloadable(err) from None
        exec(compile(source, path, "exec"), module.__dict__)
        self.from_object(module)
        return True

    def from_object(self, obj: object | str) -> None:
        """Take over the upper-case attributes of an object, mostly a class or module.

        Args:
            obj: The object or its import name. The items of a dict are not attributes
                (see `from_mapping`), and properties need an instance.

        Raises:
            ImportError: There is nothing to import under that name.
        """
        if isinstance(obj, str):
            obj = _imported(obj)
        for name in dir(obj):
            if name.isupper():
                self[name] = getattr(obj, name)

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: Callable[[IO[Any]], Mapping[str, Any]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Load a file of any format: `config.from_file("app.json", json.load)`.

        Args:
            filename: Absolute, or relative to `root_path`.
            load: Called with the open file; returns a mapping.
            silent: Return False if the file is missing.
            text: Open in text mode; `tomllib.load` needs False.

        Raises:
            OSError: The file can't be read.
            TypeError: `load` returned no mapping.
        """
        path = os.path.join(self.root_path, filename)
        try:
            with open(path, "r" if text else "rb") as file:
                loaded = load(file)
        except OSError as err:
            if silent and err.errno in _NO_FILE:
                return False
            raise _unloadable(err) from None
        if not isinstance(loaded, Mapping):
            raise TypeError(
                f"The configuration file {path!r} holds a {type(loaded).__name__}, not"
                " a mapping of keys to values."
            )
        return self.from_mapping(loaded)

    def from_mapping(
        self, mapping: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> bool:
        """Take over the upper-case keys of a mapping and of the keyword arguments.

        Raises:
            TypeError: A key is no string.
        """
        for key, value in {**dict(mapping or {}), **kwargs}.items():
            if not isinstance(key, str):
                raise TypeError(f"The config key {key!r} is not a string.")
            if key.isupper():
                self[key] = value
        return True

    def get_namespace(
        self, namespace: str, lowercase: bool = True, trim_namespace: bool = True
    ) -> dict[str, Any]:
        """Return the settings whose key starts with `namespace`, as a new dict.

        Args:
            lowercase: Lower the keys, as for keyword arguments.
            trim_namespace: Leave `namespace` out of the keys.
        """
        start = len(namespace) if trim_namespace else 0
        return {
            key[start:].lower() if lowercase else key[start:]: value
            for key, value in self.items()
            if key.startswith(namespace)
        }

    __setitem__ = _counted(dict.__setitem__)
    __delitem__ = _counted(dict.__delitem__)
    __ior__ = _counted(dict.__ior__)
    setdefault = _counted(dict.setdefault)
    update = _counted(dict.update)
    pop = _counted(dict.pop)
    popitem = _counted(dict.popitem)
    clear = _counted(dict.clear)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {super().__repr__()}>"

    def _set_nested(self, variable: str, path: str, value: Any) -> None:
        *parents, last = path.split("__")
        holder: Any = self
        for depth, name in enumerate(parents, start=1):
            holder = holder.setdefault(name, {})
            if not isinstance(holder, MutableMapping):
                raise TypeError(
                    f"The environment variable {variable!r} sets an item of the config"
                    f" key {'__'.join(parents[:depth])!r}, which is {holder!r} and not"
                    " a dict. Rename one of the two."
                )
        holder[last] = value
        self.version = next(_changes)


def _imported(name: str) -> object:
    try:
        return resolve_name(name)
    except (AttributeError, ImportError, ValueError) as error:
        raise ImportError(
            f"Nothing to configure from can be imported as {name!r}: {error}. Name a"
            " module ('shop.settings') or a class in one ('shop.settings.Production')."
        ) from error


def _loaded(text: str, loads: Callable[[str], Any]) -> Any:
    try:
        return loads(text)
    except Exception:
        # `loads` is the user's: whatever it raises means "not mine, keep the text".
        return text


def _unloadable(err: OSError) -> OSError:
    err.strerror = f"Unable to load configuration file ({err.strerror})"
    return err
