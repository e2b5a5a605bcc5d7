"""Blueprints: routes, hooks and templates that are registered on an app together.

A blueprint records what to do and does it when it is registered, once per
registration: `BlueprintSetupState` carries where (prefix, subdomain, name).
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from functools import update_wrapper
from typing import IO, Any

import tantalus_http as http
from tantalus_routing import RouteScope, endpoint_of

from . import typing as types
from ._app import App
from ._setup._blueprint_hooks import AppWide
from ._setup._nesting import given, nested_options, route_options
from ._setup._routes import first_found
from ._setup._scaffold import (
    SetupFinished,
    _sentinel,
    setupmethod,
)

__all__ = ["Blueprint", "BlueprintSetupState"]

DeferredSetupFunction = Callable[["BlueprintSetupState"], None]


class BlueprintSetupState:
    """One registration of a blueprint: handed to each recorded function.

    Options given to `register_blueprint()` take the place of the blueprint's own.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        app: App,
        options: Any,
        first_registration: bool,
    ) -> None:
        self.app = app
        self.blueprint = blueprint
        self.options = options
        #: Whether the blueprint is registered on this app for the first time.
        self.first_registration = first_registration
        self.subdomain = given(options.get("subdomain"), blueprint.subdomain)
        self.url_prefix = given(options.get("url_prefix"), blueprint.url_prefix)
        self.name = options.get("name", blueprint.name)
        self.name_prefix = options.get("name_prefix", "")
        #: What its routes have in common, unless they say so themselves.
        self.route_options = route_options(blueprint, options)
        self.url_defaults = {
            **blueprint.url_values_defaults,
            **dict(options.get("url_defaults", ())),
        }

    @property
    def _dotted_name(self) -> str:
        return f"{self.name_prefix}.{self.name}".lstrip(".")

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: types.RouteCallable | None = None,
        **options: Any,
    ) -> None:
        """Route a URL below this registration's prefix, in its name."""
        scope = RouteScope(
            prefix=self.url_prefix,
            subdomain=self.subdomain,
            name=self._dotted_name,
            url_defaults=self.url_defaults,
        )
        if endpoint is None:
            endpoint = endpoint_of(view_func, rule)
        options = {**self.route_options, **options}
        rule, endpoint, options = scope.apply(rule, endpoint, options)
        if self.url_prefix:
            by_host = self.app.url_map.host_matching
            self._own(self.url_prefix, options.get("host" if by_host else "subdomain"))
        self.app.add_url_rule(rule, endpoint, view_func, **options)

    def _add_static_files(self) -> None:
        """Route the static files; where others are, the route there leads on."""
        app, blueprint = self.app, self.blueprint
        rule = f"{blueprint.static_url_path}/<path:filename>"
        view = blueprint.send_static_file
        scope = RouteScope(prefix=self.url_prefix, name=self._dotted_name)
        full_rule, endpoint, _ = scope.apply(rule, "static", {})
        domain = self.subdomain or app.url_map.default_subdomain
        owner = app.static_places.setdefault((domain, full_rule), endpoint)
        is_taken = owner != endpoint
        if is_taken:
            app.view_functions[owner] = first_found(app.view_functions[owner], view)
        self.add_url_rule(rule, "static", view, build_only=is_taken)

    def _own_urls(self) -> None:
        """Let the blueprint answer for unknown URLs under its prefix and subdomain."""
        # With host matching, the rules say which hosts it is on.
        if not self.app.url_map.host_matching:
            self._own(self.url_prefix, self.subdomain)

    def _own(self, prefix: str | None, domain: str | None) -> None:
        """Let the blueprint answer for unknown URLs under `prefix` on `domain`.

        Without a prefix it does so on a subdomain that is not everybody's.
        """
        app, everybodys = self.app, self.app.url_map.default_subdomain
        domain = everybodys if domain is None else domain
        own_domain = domain != everybodys and not app.url_map.host_matching
        if own_domain or (prefix or "").strip("/"):
            # A mistake in it shows now, and not with the first unknown URL.
            app.url_rule_class(f"/{prefix or ''}", endpoint="").bind(app.url_map)
            app.prefixes.add(self._dotted_name, prefix or "", domain)


class NameRefused(ValueError):
    """A name that is to be a part of an endpoint is empty or has a dot."""

    def __init__(self, owner: str, what: str, name: str) -> None:
        problem = "may not contain a dot" if name else "may not be empty"
        super().__init__(
            f"{what} {problem}: {owner} was given {name!r}. Dots stand between the"
            " names that an endpoint is made of. Pass one word, as in 'news'."
        )


class Blueprint(AppWide):
    """A part of an app, defined without one.

    Args:
        name: The first part of its endpoints; without dots.
        import_name: The module this is defined in, mostly `__name__`.
        url_prefix: Before each rule.
        subdomain: For rules that name none.
        url_defaults: Values for each rule.
        cli_group: The group of its commands; None puts them beside the app's own.
        cross_site: Whether pages of any site may send requests to its routes, if a
            route says nothing of its own.
        typed: As that of an app, for the views of this one and of those nested in it.
        cors: Likewise, which pages of other origins may read their answers.

    Raises:
        ValueError: The name is empty or has a dot.
    """

    _got_registered_once = False
    cross_site: bool | None = None
    typed: bool | None = None
    cors: http.CrossOrigin | bool | None = None

    def __init__(
        self,
        name: str,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        url_prefix: str | None = None,
        subdomain: str | None = None,
        url_defaults: dict[str, Any] | None = None,
        root_path: str | None = None,
        cli_group: str | None = _sentinel,
        *,
        cross_site: bool | None = None,
        typed: bool | None = None,
        cors: http.CrossOrigin | bool | None = None,
    ) -> None:
        super().__init__(
            import_name, static_folder, static_url_path, template_folder, root_path
        )
        if not name or "." in name:
            raise NameRefused(f"a blueprint in {import_name!r}", "'name'", name)
        self.name = name
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        self.deferred_functions: list[DeferredSetupFunction] = []
        self.url_values_defaults = url_defaults or {}
        self.cli_group = cli_group
        self.cors, self.cross_site, self.typed = cors, cross_site, typed
        self._blueprints: list[tuple[Blueprint, dict[str, Any]]] = []

    def _check_setup_finished(self, f_name: str) -> None:
        if self._got_registered_once:
            owner = f"blueprint '{self.name}'"
            raise SetupFinished(f_name, owner, "been registered at least once")

    @setupmethod
    def record(self, func: DeferredSetupFunction) -> None:
        """Call `func(state)` at each registration."""
        self.deferred_functions.append(func)

    @setupmethod
    def record_once(self, func: DeferredSetupFunction) -> None:
        """Call `func(state)` at the first registration on an app only."""

        def when_first(state: BlueprintSetupState) -> None:
            if state.first_registration:
                func(state)

        self.record(update_wrapper(when_first, func))

    def make_setup_state(
        self, app: App, options: dict[str, Any], first_registration: bool = False
    ) -> BlueprintSetupState:
        """Return the state of one registration; a subclass may return its own."""
        return BlueprintSetupState(self, app, options, first_registration)

    @setupmethod
    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Nest a blueprint: it is registered whenever this one is.

        Raises:
            ValueError: It is this one.
        """
        if blueprint is self:
            raise ValueError(
                f"The blueprint {self.name!r} cannot be nested in itself: it would have"
                " no end. Register it on an app or in another blueprint."
            )
        self._blueprints.append((blueprint, options))

    def open_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> IO[Any]:
        """Open a file that is shipped with the blueprint, relative to `root_path`."""
        return super().open_resource(resource, mode, encoding)

    def register(self, app: App, options: dict[str, Any]) -> None:
        """Register on an app; called by `App.register_blueprint()`.

        Raises:
            ValueError: The name is taken.
        """
        own_name = options.get("name", self.name)
        name = f"{options.get('name_prefix', '')}.{own_name}".lstrip(".")
        self._check_name_is_free(app, name, own_name)
        first_of_blueprint = all(known is not self for known in app.blueprints.values())
        app.blueprints[name] = self
        self._got_registered_once = True
        state = self.make_setup_state(app, options, first_of_blueprint)
        state._own_urls()
        if self.has_static_folder:
            state._add_static_files()
        self._merge_blueprint_funcs(app, name)
        for deferred in self.deferred_functions:
            deferred(state)
        self._add_commands(app, name, options.get("cli_group", self.cli_group))
        for blueprint, its_options in self._blueprints:
            blueprint.register(app, nested_options(state, blueprint, its_options))

    def _check_name_is_free(self, app: App, name: str, own_name: str) -> None:
        if name not in app.blueprints:
            return
        which = "this" if app.blueprints[name] is self else "a different"
        where = f" '{name}'" if own_name != name else ""
        raise ValueError(
            f"The name '{own_name}' is already registered for {which} blueprint{where}."
            " Use 'name=' to provide a unique name."
        )

    def _add_commands(self, app: App, name: str, group: Any) -> None:
        # Reading `cli` loads Click, so look whether anybody did.
        commands = self.__dict__.get("cli")
        if commands is None or not commands.commands:
            return
        if group is None:
            app.cli.commands.update(commands.commands)
            return
        commands.name = name if group is _sentinel else group
        app.cli.add_command(commands)

    def _merge_blueprint_funcs(self, app: App, name: str) -> None:
        def scoped(scope: str | None) -> str:
            return name if scope is None else f"{name}.{scope}"

        for scope, by_code in self.error_handler_spec.items():
            app.error_handler_spec[scoped(scope)] = defaultdict(
                dict, {code: dict(handlers) for code, handlers in by_code.items()}
            )
        app.view_functions.update(self.view_functions)
        for own, merged in (
            (self.before_request_funcs, app.before_request_funcs),
            (self.after_request_funcs, app.after_request_funcs),
            (self.teardown_request_funcs, app.teardown_request_funcs),
            (self.before_websocket_funcs, app.before_websocket_funcs),
            (self.after_websocket_funcs, app.after_websocket_funcs),
            (self.teardown_websocket_funcs, app.teardown_websocket_funcs),
            (self.url_default_functions, app.url_default_functions),
            (self.url_value_preprocessors, app.url_value_preprocessors),
            (self.template_context_processors, app.template_context_processors),
        ):
            for scope, functions in own.items():
                merged[scoped(scope)].extend(functions)

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: types.RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Route a URL to a view once registered; see `App.add_url_rule`.

        Raises:
            ValueError: The endpoint or the view's name has a dot.
        """
        for what, name in (
            ("'endpoint'", endpoint),
            ("'view_func' name", getattr(view_func, "__name__", None)),
        ):
            if name and "." in name:
                owner = f"the route {rule!r} of the blueprint {self.name!r}"
                raise NameRefused(owner, what, name)
        self.record(
            lambda state: state.add_url_rule(
                rule,
                endpoint,
                view_func,
                provide_automatic_options=provide_automatic_options,
                **dict(options),
            )
        )
