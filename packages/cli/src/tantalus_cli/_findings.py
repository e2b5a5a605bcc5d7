"""What a check finds, and how it reads the settings of an app."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from tantalus_cli._app import HasConfig

# Below these, anybody gets a name: whatever holds for all of them, holds for strangers.
_SHARED_SUFFIXES = frozenset(
    {
        "ac.jp", "ac.nz", "ac.uk", "co.in", "co.jp", "co.kr", "co.nz", "co.uk", "co.za",
        "com.ar", "com.au", "com.br", "com.cn", "com.hk", "com.mx", "com.sg", "com.tr",
        "com.tw", "edu.au", "gov.uk", "ne.jp", "net.au", "or.jp", "org.au", "org.uk",
        "amazonaws.com", "appspot.com", "azurewebsites.net", "cloudfront.net",
        "fly.dev", "github.io", "gitlab.io", "herokuapp.com", "netlify.app", "ngrok.io",
        "onrender.com", "pages.dev", "pythonanywhere.com", "railway.app", "run.app",
        "vercel.app", "web.app", "workers.dev",
    }
)  # fmt: skip


class Finding(NamedTuple):
    """Something unsafe: a stable code, the setting, what is wrong, what to do."""

    code: str
    setting: str
    problem: str
    cure: str


def setting(app: object, name: str, *, default: Any = None) -> Any:
    """Return a setting, which has any type, of an app that has a `config`."""
    return cast(HasConfig, app).config.get(name, default)


def is_shared(domain: str) -> bool:
    """Tell whether strangers have names below `domain`, such as `com` or `co.uk`."""
    name = domain.strip(".").lower()
    return name in _SHARED_SUFFIXES or ("." not in name and name != "localhost")
