"""Names that can be imported from any module of Flask's, though none documents them.

A module of Flask also has what it uses itself, and extensions take it from there:
`from flask.app import Rule`. Only where Flask is replaced do ours answer for these.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from difflib import get_close_matches
from dis import opmap
from importlib import import_module
from types import FrameType, ModuleType
from typing import Any, TypeVar


def _read(table: str) -> dict[str, list[str]]:
    """Return the names behind each colon, by what stands before it."""
    unfolded = table.replace("\n    ", " ").strip().splitlines()
    return {
        home: names.split()
        for home, _, names in (line.partition(":") for line in unfolded)
    }


#: Where such names are at home.
HOMES = _read(
    """
base64: b64decode b64encode
click.core: ParameterSource
click.testing: CliRunner Result
collections: defaultdict
collections.abc: MutableMapping
contextlib: ExitStack contextmanager
contextvars: ContextVar
copy: copy
datetime: date datetime timedelta timezone
functools: cache update_wrapper
inspect: iscoroutinefunction
itertools: chain
itsdangerous: BadSignature URLSafeTimedSerializer
jinja2: BaseLoader FileSystemLoader Template TemplateNotFound
markupsafe: Markup
operator: itemgetter
tantalus_config: find_package
tantalus._setup._scaffold: Scaffold _default_template_ctx_processor
    _endpoint_from_view_func _sentinel setupmethod
tantalus.cli: AppGroup get_load_dotenv
tantalus.config: ConfigAttribute
tantalus.ctx: AppContext RequestContext _AppCtxGlobals
tantalus.globals: _cv_app _cv_request app_ctx request_ctx
tantalus.helpers: _split_blueprint_path get_debug_flag get_root_path
tantalus.json: dumps loads
tantalus.json.provider: DefaultJSONProvider JSONProvider
tantalus.logging: create_logger
tantalus.sessions: SecureCookieSessionInterface SessionInterface SessionMixin
tantalus.templating: DispatchingJinjaLoader Environment
types: ModuleType TracebackType
urllib.parse: urlsplit
uuid: UUID
werkzeug.datastructures: CallbackDict Headers ImmutableDict
werkzeug.exceptions: Aborter BadRequest BadRequestKeyError HTTPException
    InternalServerError default_exceptions
werkzeug.http: http_date parse_date
werkzeug.local: LocalProxy
werkzeug.routing: BuildError Map MapAdapter RequestRedirect RoutingException Rule
werkzeug.serving: is_running_from_reloader run_simple
werkzeug.test: Client
werkzeug.utils: cached_property import_string
werkzeug.wsgi: get_host
"""
)
_SAME = (
    "ast click contextvars dataclasses decimal errno hashlib importlib inspect logging"
    " os pathlib platform re sys traceback types uuid weakref werkzeug"
)
#: Modules that Flask's import, and that extensions take from them, by the name there.
MODULES = {
    "_json": "json",
    "c": "collections.abc",
    "cabc": "collections.abc",
    "cli": "tantalus.cli",
    "ft": "tantalus.typing",
    "t": "typing",
    "tag": "tantalus.json.tag",
}
MODULES |= {name: name for name in _SAME.split()}
#: The one of them that the package itself has.
BESIDE = {"t": MODULES["t"]}
#: Names under which Flask's modules know what is called otherwise at home.
RENAMED = {
    "BaseEnvironment": ("jinja2", "Environment"),
    "BaseRequest": ("werkzeug.wrappers", "Request"),
    "BaseResponse": ("werkzeug.wrappers", "Response"),
    "RequestBase": ("werkzeug.wrappers", "Request"),
    "ResponseBase": ("werkzeug.wrappers", "Response"),
    "SansioBlueprint": ("tantalus.blueprints", "Blueprint"),
    "_make_timedelta": ("tantalus._state._app", "_as_timedelta"),
    "_no_app_msg": ("tantalus._ground._current", "NO_APP"),
    "_no_req_msg": ("tantalus._ground._current", "NO_REQUEST"),
    "_url_quote": ("urllib.parse", "quote"),
    "_wz_abort": ("werkzeug.exceptions", "abort"),
    "_wz_redirect": ("werkzeug.utils", "redirect"),
}
#: What Flask had before version 3, and what took its place.
GONE = {
    "JSONDecoder": "Set a subclass of flask.json.provider.JSONProvider as app.json.",
    "JSONEncoder": "Set a subclass of flask.json.provider.JSONProvider as app.json.",
    "Markup": "Write 'from markupsafe import Markup'.",
    "_app_ctx_stack": "Use g or flask.globals.app_ctx.",
    "_request_ctx_stack": "Use g or flask.globals.request_ctx.",
    "escape": "Write 'from markupsafe import escape'.",
    "get_env": "Use app.debug.",
    "htmlsafe_dumps": "Use the filter 'tojson'.",
    "locked_cached_property": "Use functools.cached_property.",
    "safe_join": "Write 'from werkzeug.utils import safe_join'.",
    "signals_available": "Signals are always there.",
    "total_seconds": "Use the method of timedelta.",
}
IMPORT_FROM = opmap["IMPORT_FROM"]
HOME_OF = RENAMED | {
    name: (home, name) for home, names in HOMES.items() for name in names
}


def missing(module: ModuleType, name: str, asking: FrameType) -> Exception:
    """Return the error for a name that nobody has, as whoever asks needs it.

    An import gets an `ImportError` that says what Flask's own says, and the cure.
    Everybody else gets the `AttributeError` that `hasattr()` expects.
    """
    if asking.f_code.co_code[asking.f_lasti] != IMPORT_FROM:
        text = f"module {module.__name__!r} has no attribute {name!r}"
        return AttributeError(text, name=name, obj=module)
    text = f"cannot import name {name!r} from {module.__name__!r}"
    return ImportError(f"{text}{_cure(module, name)}", name=module.__name__)


def _cure(module: ModuleType, name: str) -> str:
    if name in GONE:
        return f": Flask 3 does not have it any more. {GONE[name]}"
    public = [known for known in (*dir(module), *HOME_OF) if known[0] != "_"]
    near = get_close_matches(name.lstrip("_"), public, n=1, cutoff=0.5)
    cure = f"The nearest public name is {near[0]!r}." if near else "Nothing is like it."
    kind = "private name" if name[0] == "_" else "name"
    return f", which stands for a module of Flask: this {kind} is not kept here. {cure}"


def lend(module: ModuleType, name: str) -> Any:
    """Return what Flask's modules have under a name, by the table or in `tantalus`.

    Raises:
        KeyError: Nobody has it, or `module` itself would have to.
    """
    if name in MODULES:
        return import_module(MODULES[name])
    if name in {"F", "T"} or name.startswith("T_"):
        # Flask's modules have a type variable for each kind of function they register.
        return TypeVar(name)
    home, own_name = HOME_OF.get(name, ("tantalus", name))
    known = name in HOME_OF or name in import_module("tantalus").__all__
    if not known or (home, own_name) == (module.__name__, name):
        raise KeyError(name)
    return getattr(import_module(home), own_name)


def lend_names(module: ModuleType) -> None:
    """Have `module` answer for the names in the table, and for those of `tantalus`.

    What it finds for itself comes first.
    """
    own = vars(module).get("__getattr__")
    if getattr(own, "__module__", None) == __name__:
        return  # it stands for two modules of Flask's

    def find(name: str) -> Any:
        if own is not None:
            with suppress(AttributeError):
                return own(name)
        try:
            return lend(module, name)
        except KeyError:
            raise missing(module, name, sys._getframe(1)) from None

    vars(module)["__getattr__"] = find
