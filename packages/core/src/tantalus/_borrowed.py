"""Names that can be imported from any module of Flask's, though none documents them.

A module of Flask also has what it uses itself, and extensions take it from there:
`from flask.app import Rule`. Only where Flask is replaced do ours answer for these.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

#: Where such names are at home.
HOMES = {
    "click.testing": ["CliRunner", "Result"],
    "datetime": ["datetime", "timedelta", "timezone"],
    "itsdangerous": ["BadSignature", "URLSafeTimedSerializer"],
    "jinja2": ["BaseLoader", "FileSystemLoader", "TemplateNotFound"],
    "markupsafe": ["Markup"],
    "tantalus._scaffold": ["Scaffold", "_endpoint_from_view_func", "setupmethod"],
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
HOME_OF = RENAMED | {
    name: (home, name) for home, names in HOMES.items() for name in names
}


def lend_names(module: ModuleType) -> None:
    """Have `module` answer for the names in the table, and for those of `tantalus`."""

    def find(name: str) -> Any:
        if name in MODULES:
            return import_module(name)
        at_home = HOME_OF.get(name)
        if at_home is None and name in import_module("tantalus").__all__:
            at_home = ("tantalus", name)
        if at_home is None or at_home == (module.__name__, name):
            text = f"module {module.__name__!r} has no attribute {name!r}"
            raise AttributeError(text, name=name, obj=module)
        return getattr(import_module(at_home[0]), at_home[1])

    vars(module).setdefault("__getattr__", find)
