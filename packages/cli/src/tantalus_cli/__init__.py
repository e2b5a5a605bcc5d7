"""Find a WSGI or ASGI app, run it, look into it, and add commands to it.

The names are imported when they are first used: `import tantalus_cli` loads neither
Click nor a command. What type checkers and editors read is `__init__.pyi`.
"""

from __future__ import annotations

from importlib import import_module

__all__ = [
    "ASGICallable",
    "AppGroup",
    "AppLike",
    "CertParamType",
    "NoAppException",
    "ScriptInfo",
    "SeparatedPathType",
    "Settings",
    "TantalusGroup",
    "WSGICallable",
    "check_command",
    "cli",
    "current_settings",
    "find_app_by_string",
    "find_best_app",
    "get_debug_flag",
    "get_load_dotenv",
    "get_version",
    "load_dotenv",
    "locate_app",
    "main",
    "pass_script_info",
    "prepare_import",
    "routes_command",
    "run_command",
    "secret_command",
    "serve",
    "shell_command",
    "show_server_banner",
    "templates_command",
    "use_settings",
    "version_option",
    "with_appcontext",
]

# Where each name comes from.
_HOMES = {
    "ASGICallable": "_faces",
    "AppGroup": "_context",
    "AppLike": "_app",
    "CertParamType": "_cert",
    "NoAppException": "_errors",
    "ScriptInfo": "_script",
    "SeparatedPathType": "_cert",
    "Settings": "_settings",
    "TantalusGroup": "_group",
    "WSGICallable": "_app",
    "check_command": "_check",
    "cli": "_group",
    "current_settings": "_settings",
    "find_app_by_string": "_locate",
    "find_best_app": "_locate",
    "get_debug_flag": "_env",
    "get_load_dotenv": "_env",
    "get_version": "_options",
    "load_dotenv": "_env",
    "locate_app": "_locate",
    "main": "_group",
    "pass_script_info": "_script",
    "prepare_import": "_locate",
    "routes_command": "_routes",
    "run_command": "_run",
    "secret_command": "_secret",
    "serve": "_serve",
    "shell_command": "_shell",
    "show_server_banner": "_run",
    "templates_command": "_templates",
    "use_settings": "_settings",
    "version_option": "_options",
    "with_appcontext": "_context",
}


def __getattr__(name: str) -> object:
    """Import what a name of the door stands for (PEP 562), and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
