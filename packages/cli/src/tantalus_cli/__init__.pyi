"""Find a WSGI or ASGI app, run it, look into it, and add commands to it."""

from tantalus_cli._app import AppLike, WSGICallable
from tantalus_cli._cert import CertParamType, SeparatedPathType
from tantalus_cli._check import check_command
from tantalus_cli._context import AppGroup, with_appcontext
from tantalus_cli._env import get_debug_flag, get_load_dotenv, load_dotenv
from tantalus_cli._errors import NoAppException
from tantalus_cli._faces import ASGICallable
from tantalus_cli._group import TantalusGroup, cli, main
from tantalus_cli._locate import (
    find_app_by_string,
    find_best_app,
    locate_app,
    prepare_import,
)
from tantalus_cli._options import get_version, version_option
from tantalus_cli._routes import routes_command
from tantalus_cli._run import run_command, show_server_banner
from tantalus_cli._script import ScriptInfo, pass_script_info
from tantalus_cli._secret import secret_command
from tantalus_cli._serve import serve
from tantalus_cli._settings import Settings, current_settings, use_settings
from tantalus_cli._shell import shell_command
from tantalus_cli._templates import templates_command

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
