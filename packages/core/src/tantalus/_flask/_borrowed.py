"""Names that can be imported from any module of Flask's, though none documents them.

A module of Flask also has what it uses itself, and extensions take it from there:
`from flask.app import Rule`. Only where Flask is replaced do ours answer for these.
"""

from __future__ import annotations

import sys
from difflib import get_close_matches
from dis import opmap
from importlib import import_module
from types import FrameType, ModuleType
from typing import Any

#: Where such names are at home.
HOMES = {
    "click.testing": ["CliRunner", "Result"],
    "datetime": ["datetime", "timedelta", "timezone"],
    "itsdangerous": ["BadSignature", "URLSafeTimedSerializer"],
    "jinja2": ["BaseLoader", "FileSystemLoader", "TemplateNotFound"],
    "markupsafe": ["Markup"],
    "tantalus._setup._scaffold": [
        "Scaffold",
        "_endpoint_from_view_func",
        "setupmethod",
    ],
    "tantalus.cli": ["AppGroup", "get_load_dotenv"],
    "tantalus.config": ["ConfigAttribute"],
    "tantalus.ctx": ["AppContext", "RequestContext", "_AppCtxGlobals"],
    "tantalus.globals": ["_cv_app", "_cv_request", "app_ctx", "request_ctx"],
    "tantalus.helpers": ["_split_blueprint_path", "get_debug_flag", "get_root_path"],
    "tantalus.json": ["dumps", "loads"],
    "tantalus.json.provider": ["DefaultJSONProvider", "JSONProvider"],
    "tantalus.logging": ["create_logger"],
    "tantalus.sessions": [
        "SecureCookieSessionInterface",
        "SessionInterface",
        "SessionMixin",
    ],
    "tantalus.templating": ["DispatchingJinjaLoader", "Environment"],
    "werkzeug.datastructures": ["CallbackDict", "Headers", "ImmutableDict"],
    "werkzeug.exceptions": [
        "Aborter",
        "BadRequest",
        "BadRequestKeyError",
        "HTTPException",
        "InternalServerError",
        "default_exceptions",
    ],
    "werkzeug.local": ["LocalProxy"],
    "werkzeug.routing": [
        "BuildError",
        "Map",
        "MapAdapter",
        "RequestRedirect",
        "RoutingException",
        "Rule",
    ],
    "werkzeug.serving": ["is_running_from_reloader", "run_simple"],
    "werkzeug.test": ["Client"],
    "werkzeug.utils": ["cached_property", "import_string"],
    "werkzeug.wsgi": ["get_host"],
}
#: Modules that Flask's import, and that extensions take from them.
MODULES = frozenset({"click", "importlib", "inspect", "logging", "os", "sys"})
#: Names under which Flask's modules know what is called otherwise at home.
RENAMED = {
    "BaseEnvironment": ("jinja2", "Environment"),
    "BaseRequest": ("werkzeug.wrappers", "Request"),
    "BaseResponse": ("werkzeug.wrappers", "Response"),
    "RequestBase": ("werkzeug.wrappers", "Request"),
    "ResponseBase": ("werkzeug.wrappers", "Response"),
}
IMPORT_FROM = opmap["IMPORT_FROM"]
HOME_OF = RENAMED | {
    name: (home, name) for home, names in HOMES.items() for name in names
}


def missing(module: ModuleType, name: str, asking: FrameType) -> Exception:
    """Return the error for a name that nobody has, as whoever asks needs it.

    An import gets an `ImportError` that tells the nearest name; Python's own names the
    module only. Everybody else gets the `AttributeError` that `hasattr()` expects.
    """
    if asking.f_code.co_code[asking.f_lasti] != IMPORT_FROM:
        text = f"module {module.__name__!r} has no attribute {name!r}"
        return AttributeError(text, name=name, obj=module)
    public = [known for known in (*vars(module), *HOME_OF) if known[0] != "_"]
    near = get_close_matches(name.lstrip("_"), public, n=1, cutoff=0.5)
    cure = f"The nearest public name is {near[0]!r}." if near else "Nothing is like it."
    return ImportError(
        f"cannot import name {name!r} from {module.__name__!r}, which stands for a"
        f" module of Flask: this private name is not kept here. {cure}",
        name=module.__name__,
    )


def lend_names(module: ModuleType) -> None:
    """Have `module` answer for the names in the table, and for those of `tantalus`."""

    def find(name: str) -> Any:
        if name in MODULES:
            return import_module(name)
        at_home = HOME_OF.get(name)
        if at_home is None and name in import_module("tantalus").__all__:
            at_home = ("tantalus", name)
        if at_home is None or at_home == (module.__name__, name):
            raise missing(module, name, sys._getframe(1))
        return getattr(import_module(at_home[0]), at_home[1])

    vars(module).setdefault("__getattr__", find)
