"""Sets of rules and requests that collide often, for both routing libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import werkzeug.routing
from hypothesis import strategies as st

import tantalus_routing


class Slashed(werkzeug.routing.BaseConverter):
    """Takes slashes, because its expression has one."""

    regex = "[a-c]+(?:/[a-c]+)*"


class Picky(werkzeug.routing.BaseConverter):
    """Refuses what its expression lets through."""

    weight = 60

    def to_python(self, value: str) -> str:
        if value.startswith("b"):
            raise werkzeug.routing.ValidationError
        return value.upper()

    def to_url(self, value: object) -> str:
        text = str(value)
        if text.startswith("B"):
            raise werkzeug.routing.ValidationError
        return super().to_url(text.lower())


class Grouped(werkzeug.routing.BaseConverter):
    """Has groups of its own in its expression."""

    regex = "(a|b)(1|2)?"


CONVERTERS = {"slashed": Slashed, "picky": Picky, "grouped": Grouped}
KINDS = [
    "",
    "",
    "string:",
    "string(length=1):",
    "string(minlength=2, maxlength=3):",
    "int:",
    "int:",
    "int(fixed_digits=2):",
    "int(min=2, max=12):",
    "int(signed=True):",
    "float:",
    "float(signed=True, max=3.5):",
    "path:",
    "path:",
    "any(a, b, '1'):",
    "uuid:",
    "slashed:",
    "picky:",
    "grouped:",
]
UUID = "12345678-1234-5678-1234-567812345678"
TEXTS = ["a", "b", "ab", "a.b", "1", "12", "007", "2.5", "-3", "abc", "b1", UUID]
ODD = ["", "\n", "a\n", "\\", "..", "%2f", "\x00", "\ufffd", "ä", "١٢", "9" * 5000]
DOMAINS = ["", "a", "b1", "a.b"]
METHODS = ["GET", "HEAD", "POST", "OPTIONS", "DELETE"]
NAMES = "xyz"


def compute_target(adapter: object, **values: object) -> str:
    return "t/" + "-".join(f"{name}={values[name]}" for name in sorted(values))


@dataclass
class RuleSpec:
    """A rule for whichever library makes it."""

    text: str
    endpoint: str
    options: dict[str, Any]

    def make(self, rule_class: type[werkzeug.routing.Rule]) -> werkzeug.routing.Rule:
        return rule_class(self.text, endpoint=self.endpoint, **self.options)


@dataclass
class MapSpec:
    """A map and its rules."""

    rules: list[RuleSpec]
    options: dict[str, Any] = field(default_factory=dict)

    def make_theirs(self) -> werkzeug.routing.Map:
        rules = [spec.make(werkzeug.routing.Rule) for spec in self.rules]
        return werkzeug.routing.Map(rules, converters=CONVERTERS, **self.options)

    def make_ours(
        self, rule_class: type[werkzeug.routing.Rule] = tantalus_routing.Rule
    ) -> tantalus_routing.Map:
        rules = [spec.make(rule_class) for spec in self.rules]
        return tantalus_routing.Map(rules, converters=CONVERTERS, **self.options)


@st.composite
def segments(draw: st.DrawFn, names: list[str]) -> str:
    """Draw the text between two slashes, taking variable names from `names`."""
    shape = draw(st.sampled_from(["text", "text", "variable", "variable", "mixed"]))
    if shape == "text" or not names:
        return draw(st.sampled_from(TEXTS))
    variable = f"<{draw(st.sampled_from(KINDS))}{names.pop(0)}>"
    if shape == "variable":
        return variable
    before = draw(st.sampled_from(["", "a", "b-", "1"]))
    after = draw(st.sampled_from(["", "a", ".", "-1"]))
    if draw(st.booleans()) and names:
        after = f".<{draw(st.sampled_from(KINDS))}{names.pop(0)}>"
    return before + variable + after


VALUES = st.sampled_from(["a", "b", "ab", 1, 2, 12, 2.5, "Ab", "a/b", "ä c?", UUID])


RARE_OPTIONS: dict[str, tuple[int, st.SearchStrategy[Any]]] = {
    "defaults": (3, st.dictionaries(st.sampled_from(list(NAMES)), VALUES, max_size=2)),
    "strict_slashes": (4, st.booleans()),
    "merge_slashes": (4, st.booleans()),
    "alias": (7, st.just(True)),
    "build_only": (7, st.just(True)),
}


@st.composite
def rule_specs(draw: st.DrawFn, host_matching: bool) -> RuleSpec:
    """Draw a rule with any options."""
    names = list(NAMES)
    options: dict[str, Any] = {}
    domain = draw(st.sampled_from(["", "", "", "a", "a.b", "variable"]))
    if domain == "variable":
        domain = draw(segments(names))
    if domain:
        options["host" if host_matching else "subdomain"] = domain
    parts = [draw(segments(names)) for _ in range(draw(st.integers(0, 3)))]
    slash = draw(st.sampled_from(["/", "/", "/", "/", "//"]))
    text = "/" + slash.join(parts)
    if draw(st.booleans()) and parts:
        text += "/"
    methods = draw(st.none() | st.lists(st.sampled_from(METHODS[:3]), min_size=1))
    websocket = draw(st.sampled_from([False] * 6 + [True]))
    if websocket and methods is not None:
        methods = ["GET"]
    options.update(methods=methods, websocket=websocket)
    used = [name for name in NAMES if name not in names]
    fill_in = f"t/<{used[0]}>" if used else "/t"
    for name, (rarity, strategy) in RARE_OPTIONS.items():
        if draw(st.integers(0, rarity)) == 0:
            options[name] = draw(strategy)
    if draw(st.integers(0, 7)) == 0:
        options["redirect_to"] = draw(st.sampled_from([fill_in, compute_target]))
    return RuleSpec(text, draw(st.sampled_from(["one", "two", "three"])), options)


@st.composite
def map_specs(draw: st.DrawFn) -> MapSpec:
    """Draw a map with up to eight rules."""
    host_matching = draw(st.sampled_from([False, False, True]))
    rules = draw(st.lists(rule_specs(host_matching), min_size=1, max_size=8))
    options: dict[str, Any] = {"host_matching": host_matching}
    for name in ("strict_slashes", "merge_slashes", "redirect_defaults"):
        options[name] = draw(st.sampled_from([True, True, True, False]))
    options["sort_parameters"] = draw(st.booleans())
    if not host_matching:
        options["default_subdomain"] = draw(st.sampled_from(["", "", "a"]))
    return MapSpec(rules, options)


@dataclass
class RequestSpec:
    """A request, and the server it comes to."""

    method: str
    path: str
    domain: str
    websocket: bool
    query: Mapping[str, Any] | str | None
    script_name: str
    scheme: str

    def bind(self, map: werkzeug.routing.Map) -> werkzeug.routing.MapAdapter:
        """Bind as for this request; its protocol is passed when matching."""
        host = "example.com:8080"
        subdomain: str | None = self.domain
        if map.host_matching:
            host, subdomain = self.domain or "example.com", None
        return map.bind(
            host,
            self.script_name,
            subdomain,
            self.scheme,
            self.method,
            self.path,
            self.query,
        )


def filled_in(text: str, draw: st.DrawFn) -> str:
    """Return a rule's path with some text for each variable."""
    while "<" in text:
        before, _, rest = text.partition("<")
        _, _, after = rest.partition(">")
        chosen = draw(st.sampled_from([*TEXTS, "a/b", "c/a/b"]))
        text = f"{before}{chosen}{after}"
    return text


CHANGES: dict[str, Callable[[str], str]] = {
    "slash": lambda text: text + "/",
    "no slash": lambda text: text.rstrip("/"),
    "twice": lambda text: text.replace("/", "//"),
    "front": lambda text: "/" + text,
    "no front": lambda text: text.lstrip("/"),
}


@st.composite
def any_paths(draw: st.DrawFn) -> str:
    """Draw a path that owes nothing to any rule."""
    if draw(st.booleans()):
        return draw(st.text(alphabet="/ab1.%\\\n?#é<>|", max_size=12))
    pieces = draw(st.lists(st.sampled_from(TEXTS + ODD), max_size=4))
    return "/" + "/".join(pieces)


@st.composite
def request_specs(draw: st.DrawFn, spec: MapSpec) -> RequestSpec:
    """Draw a request, mostly one that comes near to a rule of `spec`."""
    rule = draw(st.sampled_from(spec.rules))
    path = filled_in(rule.text, draw)
    change = draw(st.sampled_from(["", "", "", "", *CHANGES]))
    if change:
        path = CHANGES[change](path)
    domain = rule.options.get("host", rule.options.get("subdomain"))
    if domain is None:
        domain = spec.options.get("default_subdomain", "")
    methods = rule.options["methods"] or METHODS
    far = draw(st.integers(0, 11))
    return RequestSpec(
        method=draw(st.sampled_from([*METHODS, "get"] if far in {1, 5} else methods)),
        path=draw(any_paths()) if far == 2 else path,
        domain=draw(st.sampled_from(DOMAINS)) if far == 3 else filled_in(domain, draw),
        websocket=(far == 4) ^ bool(rule.options["websocket"]),
        query=draw(st.sampled_from([None, "", "q=%C3%A4&r", {"q": "ä", "r": [1, 2]}])),
        script_name=draw(st.sampled_from(["/", "/app", "/app/"])),
        scheme=draw(st.sampled_from(["http", "https", "ws", "wss", ""])),
    )


@st.composite
def build_specs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the arguments of an adapter's `build()`."""
    names = st.sampled_from([*NAMES, "q", "r ä"])
    some = VALUES | st.none() | st.lists(VALUES, max_size=2) | st.just("A b&c=ß/%")
    values: Any = draw(st.none() | st.dictionaries(names, some, max_size=4))
    if values is not None and draw(st.integers(0, 4)) == 0:
        from_lists = {k: v if isinstance(v, list) else [v] for k, v in values.items()}
        values = werkzeug.datastructures.MultiDict(from_lists)
    return {
        "endpoint": draw(st.sampled_from(["one", "two", "three", "none"])),
        "values": values,
        "method": draw(st.none() | st.sampled_from(METHODS)),
        "force_external": draw(st.booleans()),
        "append_unknown": draw(st.sampled_from([True, True, False])),
        "url_scheme": draw(st.sampled_from([None, None, "https", "ws", ""])),
    }
