"""The map of all rules: matches requests to them and builds URLs from them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from werkzeug.routing import BaseConverter, Rule, RuleFactory, StateMachineMatcher

from ._adapter import CompiledMap
from ._build_errors import build_error
from ._builder import EndpointBuilder, SingleRuleBuilder
from ._conflicts import Conflicts, Places, checked_conflicts
from ._errors import ShadowedRule, ShadowedRuleWarning
from ._matcher import Matcher
from ._plain_build import PlainBuild
from ._query import given_values
from ._results import Built, Endpoint, Result
from ._round_trip import RoundTrip
from ._rules import Rule as CompiledRule
from ._tables import Find, Table

if TYPE_CHECKING:  # loaded when somebody asks for them
    from ._explain import Attempt
    from ._near import NearRoute
    from ._problems import RouteProblem


class Map(CompiledMap):
    """All rules; options are those of `werkzeug.routing.Map`, and two more.

    Adding rules is set-up and may happen at any time, in any thread: the first match
    or build afterwards compiles anew.

    Args:
        conflicts: What to do about a rule that can never be reached because an
            equal one stands before it.
        round_trip: Build only what leads back to the same endpoint with the same
            values, and raise `BuildError` for the rest.
    """

    _compiled: Matcher
    _check: RoundTrip | None
    _tables: Mapping[str, Table]
    _builders: dict[Endpoint, EndpointBuilder | SingleRuleBuilder]
    _plain_builds: dict[Endpoint, PlainBuild]

    def __init__(
        self,
        rules: Iterable[RuleFactory] | None = None,
        default_subdomain: str = "",
        strict_slashes: bool = True,
        merge_slashes: bool = True,
        redirect_defaults: bool = True,
        converters: Mapping[str, type[BaseConverter]] | None = None,
        sort_parameters: bool = False,
        sort_key: Callable[[Any], Any] | None = None,
        host_matching: bool = False,
        *,
        conflicts: Conflicts = "ignore",
        round_trip: bool = False,
    ) -> None:
        # Werkzeug's names, which extensions know.
        self._remap_lock = self.lock_class()
        self._remap = True
        self._rules_by_endpoint: dict[Endpoint, list[Rule]] = {}
        self.conflicts = conflicts
        self._round_trip = round_trip
        self._ordered: list[Rule] = []
        self._places = Places()
        super().__init__(
            default_subdomain=default_subdomain,
            strict_slashes=strict_slashes,
            merge_slashes=merge_slashes,
            redirect_defaults=redirect_defaults,
            converters=converters,
            sort_parameters=sort_parameters,
            sort_key=sort_key,
            host_matching=host_matching,
        )
        for factory in rules or ():
            self.add(factory)

    def add(self, rulefactory: RuleFactory) -> None:
        """Add a rule, or all rules of a factory.

        Raises:
            RuleError: A rule cannot be read.
            ShadowedRule: With `conflicts="raise"`, a rule can never be reached.
        """
        for rule in rulefactory.get_rules(self):
            rule.bind(self)
            if self.conflicts != "ignore":
                self._check_reachable(rule)
            with self._remap_lock:
                self._ordered.append(rule)
                self._rules_by_endpoint.setdefault(rule.endpoint, []).append(rule)
                self._forget(changed=True)

    def rules_in_order(self) -> list[Rule]:
        """Return a copy of the rules in order of registration."""
        return list(self._ordered)

    def explain(
        self, method: str, path: str, domain: str | None = None
    ) -> list[Attempt]:
        """Return what each rule makes of a request, and why; see `explain()`."""
        # Measured: a millisecond that no app has to spend at its start.
        from ._explain import explain  # noqa: PLC0415 - the reason stands above

        return explain(self, method, path, domain)

    def near(self, path: str, domain: str | None = None) -> list[NearRoute]:
        """Return the routes that come near to a path, three at most, and why none fits.

        Costs a comparison for each rule: for people, while they develop.

        Args:
            domain: As for `explain()`.
        """
        # The same, for the module that compares texts.
        from ._near import near_routes  # noqa: PLC0415 - the reason stands above

        return near_routes(self, path, domain)

    def problems(self) -> list[RouteProblem]:
        """Return what is wrong with the rules: which are dead, which may be slow."""
        # The same, for two milliseconds.
        from ._problems import problems_of  # noqa: PLC0415 - the reason stands above

        return list(problems_of(self._ordered))

    def update(self) -> None:
        """Compile what changed; matching and building call it when they must."""
        if not self._changed:
            return
        with self._remap_lock:
            if not self._changed:
                return
            # New lists, because other threads may be reading the old ones.
            for endpoint, rules in self._rules_by_endpoint.items():
                self._rules_by_endpoint[endpoint] = sorted(
                    rules, key=lambda rule: rule.build_compare_key()
                )
            self._compiled = Matcher(self, self._ordered, self._rules_by_endpoint)
            root = self._compiled.root
            self._check = RoundTrip(root) if self._round_trip else None
            self._forget(changed=False)
            self._tables = self._compiled.tables(self._default_subdomain)

    def match(
        self,
        method: str,
        path: str,
        host: str | None = None,
        websocket: bool = False,
        subdomain: str | None = None,
    ) -> Result:
        """Return what a request is answered with: a `Match`, or why there is none.

        Args:
            method: In upper case, as in the environ.
            path: Decoded, as `PATH_INFO` with a slash in front.
            host: Read with host matching only; with a port that is not the scheme's
                own.
            subdomain: Read without host matching only; None is the map's default.
        """
        table = self._tables.get(method)
        if (
            table is None
            or websocket
            or self.host_matching
            or (subdomain is not None and subdomain != self._default_subdomain)
        ):
            found = self._table(method, host, websocket, subdomain)
            if not isinstance(found, Table):
                return found(path, method)
            table = found
        answer = table.paths.get(path)
        if answer is not None:
            return answer()
        head, _, last = path.rpartition("/")
        fit = table.heads.get(head)
        if fit is not None:
            result = fit(last)
            if result is not None:
                return result
        tails = table.tails.get(head.count("/"))
        while tails is not None:
            length, fits, tails = tails
            parts = head.rsplit("/", length)
            fit = fits.get(parts[0])
            if fit is not None:
                result = fit(parts, last)
                if result is not None:
                    return result
        return table.top.walk(path, method)

    def _table(
        self, method: str, host: str | None, websocket: bool, subdomain: str | None
    ) -> Table | Find:
        """Return the table for a method at a domain, or the search without one."""
        self.update()
        if self.host_matching:
            domain = host.lower() if host else ""
        else:
            domain = self._default_subdomain if subdomain is None else subdomain
        return self._compiled.table(domain, method, websocket)

    def build(
        self,
        endpoint: Endpoint,
        values: Mapping[str, Any] | None = None,
        method: str | None = None,
        default_method: str = "GET",
        host: str | None = None,
        append_unknown: bool = True,
    ) -> Built:
        """Return the URL of an endpoint, still without scheme and host.

        Args:
            values: For the rule's variables; what no variable takes becomes the
                query. None values are left out, lists repeat their key.
            method: Only rules with this method.
            default_method: Without `method`, rules with this one go first.
            host: With host matching, rules that build this host go first.

        Raises:
            BuildError: The endpoint has no rule for these values and this method.
        """
        if type(values) is dict and method is None and append_unknown:
            build = self._plain_builds.get(endpoint)
            if build is not None:
                try:
                    return build(values)
                except Exception:
                    # The builder meets it again, if it finds nothing missing before.
                    pass
        builder = self._builders.get(endpoint) or self._make_builder(endpoint)
        given = given_values(values)
        methods = (default_method, None) if method is None else (method,)
        built = builder.build(given, methods, host, append_unknown)
        if built is None:
            rules = self._rules_by_endpoint.get(endpoint, ())
            error = build_error(endpoint, rules, given, method, self._check)
            error.adapter = self.bind(host or "")
            raise error
        return built

    @property
    def _remap(self) -> bool:
        """Whether something changed; Werkzeug's name, which extensions set."""
        return self._changed

    @_remap.setter
    def _remap(self, changed: bool) -> None:
        with self._remap_lock:
            self._forget(changed=changed)

    def _forget(self, *, changed: bool) -> None:
        """Take everything from matching and building that they look at first."""
        self._changed = changed
        self._tables = {}
        self._builders = {}
        self._plain_builds = {}

    @property
    def conflicts(self) -> Conflicts:
        """What is done about a rule that can never be reached: raise, warn, ignore.

        Raises:
            ValueError: When set to anything else.
        """
        return self._conflicts

    @conflicts.setter
    def conflicts(self, value: Conflicts) -> None:
        self._conflicts = checked_conflicts(value)

    @property
    def round_trip(self) -> bool:
        """Whether only URLs are built that lead back to endpoint and values."""
        return self._round_trip

    @round_trip.setter
    def round_trip(self, value: bool) -> None:
        if value != self._round_trip:
            self._round_trip = value
            self._remap = True

    @property
    def default_subdomain(self) -> str:
        """The subdomain of rules and requests that name none."""
        return self._default_subdomain

    @default_subdomain.setter
    def default_subdomain(self, value: str) -> None:
        self._default_subdomain = value
        self._remap = True

    @property
    def merge_slashes(self) -> bool:
        """Whether paths with too many slashes are redirected to the merged path."""
        return self._merge_slashes

    @merge_slashes.setter
    def merge_slashes(self, value: bool) -> None:
        self._merge_slashes = value

    @property
    def _matcher(self) -> StateMachineMatcher:
        """Werkzeug's own matcher, made for those who reach for it."""
        matcher = StateMachineMatcher(self.merge_slashes)
        for rule in self._ordered:
            if not rule.build_only:
                matcher.add(rule)
        matcher.update()
        return matcher

    @_matcher.setter
    def _matcher(self, matcher: StateMachineMatcher) -> None:
        # Werkzeug's constructor hands over an empty matcher with the setting.
        self._merge_slashes = matcher.merge_slashes

    def _make_builder(self, endpoint: Endpoint) -> EndpointBuilder | SingleRuleBuilder:
        # Taken first, for a change meanwhile makes new ones and leaves these to us.
        builders, plain_builds = self._builders, self._plain_builds
        self.update()
        rules = self._rules_by_endpoint.get(endpoint)
        if rules is None:
            return EndpointBuilder((), self.host_matching)
        builder = builders[endpoint] = self._compile_builder(rules)
        plain = getattr(builder, "build_plainly", None)
        if plain is not None:
            plain_builds[endpoint] = plain
        return builder

    def _compile_builder(
        self, rules: Sequence[Rule]
    ) -> EndpointBuilder | SingleRuleBuilder:
        if len(rules) == 1 and not rules[0].defaults:
            rule = rules[0]
            if isinstance(rule, CompiledRule) and rule.builds_simply():
                return SingleRuleBuilder(rule, rule.builder, self._check)
        return EndpointBuilder(rules, self.host_matching, self._check)

    def _check_reachable(self, rule: Rule) -> None:
        before = self._places.take(rule)
        if before is None:
            return
        if self.conflicts == "raise":
            raise ShadowedRule(rule, before)
        warnings.warn(
            str(ShadowedRule(rule, before)), ShadowedRuleWarning, stacklevel=3
        )
