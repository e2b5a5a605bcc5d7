"""Why no rule of an endpoint builds a URL, for the text of the error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.routing import BaseConverter, Rule

from ._builder import REFUSALS
from ._converters import to_url
from ._errors import BuildError, ValueRefused
from ._results import Endpoint
from ._round_trip import RoundTrip, keeps, text_of
from ._rules import compiled_rule

NOTHING = ("", None)
# How many letters of a value an error shows.
LONGEST = 100
Refusal = tuple[str, Exception | None]


def build_error(
    endpoint: Endpoint,
    rules: Iterable[Rule],
    values: Mapping[str, Any],
    method: str | None,
    check: RoundTrip | None,
) -> BuildError:
    """Return the error that says why the rules of an endpoint build nothing."""
    reason, refusal = refusal_of(rules, values, method, check)
    error_class = BuildError if refusal is None else ValueRefused
    error = error_class(endpoint, values, method, reason=reason)
    error.__cause__ = refusal
    return error


def refusal_of(
    rules: Iterable[Rule],
    values: Mapping[str, Any],
    method: str | None,
    check: RoundTrip | None,
) -> Refusal:
    """Return what is wrong with the values, and the error of the converter, if any.

    The first rule that has all its values tells; it is empty if none has.

    Args:
        check: What refuses the URLs that do not lead back, if anything does.
    """
    for rule in rules:
        if not rule.suitable_for(values, method):
            continue
        wrong = wrong_value(rule, values, strict=check is not None)
        if wrong != NOTHING or check is None:
            return wrong
        built = rule.build(values)
        if built is not None:
            goal = check.goal(rule, method, built)
            return f"The URL {built[1]!r} of {rule.rule!r} leads {goal}.", None
    return NOTHING


def wrong_value(rule: Rule, values: Mapping[str, Any], *, strict: bool) -> Refusal:
    """Return what is said of the first value that its converter does not take.

    Args:
        strict: A value has to fit the converter's expression too.
    """
    for name, converter in compiled_rule(rule)[1].items():
        value = (rule.defaults or {}).get(name, values.get(name))
        problem = f"The value {shown(value)} of {name!r} does not fit {rule.rule!r}"
        try:
            to_url(converter)(value)
        except REFUSALS as error:
            return f"{problem}: {str(error).rstrip('.') or 'it is refused'}.", error
        if strict and not takes(converter, value):
            return f"{problem}.", None
    return NOTHING


def takes(converter: BaseConverter, value: Any) -> bool:
    """Return whether a URL gives a value back as far as its converter can tell."""
    fits = re.compile(rf"(?:{converter.regex})\Z").match(text_of(converter, value))
    return fits is not None and keeps(converter, value)


def shown(value: object) -> str:
    """Return a value as an error may show it, whatever it is."""
    try:
        text = repr(value)
    except ValueError:  # an integer of too many digits
        return f"of type {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
