"""Values that stand in a variable as JSON."""

from __future__ import annotations

import json
from typing import Any

from ._flaws import Flaw, Unfit

#: What to do about a text that is no JSON.
AS_JSON = "Write it as JSON, or into a TOML file."


def from_json(text: str) -> Any:
    """Return what JSON stands for.

    Raises:
        Unfit: It is none, or has a key twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        flaw = Flaw(f"is not JSON: {error.msg} at position {error.pos}", AS_JSON, text)
    except RecursionError:
        flaw = Flaw("It is nested too deeply", AS_JSON)
    # Outside of the handler: what was caught quotes the text.
    raise Unfit(flaw)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise Unfit(Flaw(f"It has the key {key!r} twice", "Remove one of them."))
        made[key] = value
    return made
