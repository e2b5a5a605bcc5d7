"""Microseconds per match and per build, beside Werkzeug, Bottle and Falcon.

"werkzeug" is an adapter that was bound before; "+ bind" binds one to the environ of
each request, as an application has to.

Run as `python bench/routing.py [rules ...]`; needs bottle and falcon. Every figure is
the best of interleaved rounds in this one process, so that only ratios within one run
mean something. A third of the rules is static, a third has one variable, a third has
three.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import bottle
import falcon.routing
import werkzeug.exceptions
import werkzeug.routing

import tantalus_routing

SIZES = [10, 100, 600, 1_000, 10_000]
ROUNDS = 40
CALLS = 100
Call = Callable[[], object]

PATHS = {
    "static": ("GET", "/static/r{last}"),
    "1 variable": ("GET", "/one/r{last}/17"),
    "3 variables": ("GET", "/three/r{last}/ab/x/cd/17"),
    "miss": ("GET", "/nowhere/r{last}/at/all"),
    "405": ("POST", "/one/r{last}/17"),
}
# Where these raise an error, which whoever asks has to catch.
ERRORS = ("miss", "405")
RAISING = ("adapter", "werkzeug", "+ bind", "bottle")
BUILDS = {
    "build static": ("s{last}", {}),
    "build 1 variable": ("o{last}", {"id": 17}),
    "build 3 variables": ("t{last}", {"a": "ab", "b": "cd", "c": 17}),
    "build with query": ("o{last}", {"id": 17, "page": 2}),
}


class Resource:
    def on_get(self, request: object, response: object) -> None:
        """Answer nothing."""


def rule_texts(size: int) -> list[tuple[str, str]]:
    texts = []
    for number in range((size + 2) // 3):
        texts.append((f"s{number}", f"/static/r{number}"))
        texts.append((f"o{number}", f"/one/r{number}/<int:id>"))
        texts.append((f"t{number}", f"/three/r{number}/<a>/x/<b>/<int:c>"))
    return texts


def quiet(function: Call) -> Call:
    def call() -> object:
        try:
            return function()
        except (werkzeug.exceptions.HTTPException, bottle.HTTPError) as error:
            return error

    return call


def werkzeug_map(size: int, module: object) -> werkzeug.routing.Map:
    rules = [
        module.Rule(text, endpoint=endpoint, methods=["GET"])
        for endpoint, text in rule_texts(size)
    ]
    return module.Map(rules)


def bottle_router(size: int) -> bottle.Router:
    router = bottle.Router()
    for endpoint, text in rule_texts(size):
        text = text.replace("<int:id>", "<id:int>").replace("<int:c>", "<c:int>")
        router.add(text, "GET", endpoint, endpoint)
    return router


def falcon_router(size: int) -> falcon.routing.CompiledRouter:
    router = falcon.routing.CompiledRouter()
    for _, text in rule_texts(size):
        text = text.replace("<int:id>", "{id:int}").replace("<int:c>", "{c:int}")
        router.add_route(text.replace("<", "{").replace(">", "}"), Resource())
    return router


def timed_setup(make: Call) -> tuple[object, float]:
    start = time.perf_counter()
    made = make()
    return made, time.perf_counter() - start


def contestants(size: int) -> tuple[dict[str, dict[str, Call]], dict[str, float]]:
    """Return the calls by scenario and library, and the seconds of set-up."""
    setup = {}
    ours, setup["tantalus"] = timed_setup(lambda: werkzeug_map(size, tantalus_routing))
    start = time.perf_counter()
    ours.match("GET", "/")
    setup["tantalus, first match"] = time.perf_counter() - start
    theirs, setup["werkzeug"] = timed_setup(
        lambda: werkzeug_map(size, werkzeug.routing)
    )
    bottles, setup["bottle"] = timed_setup(lambda: bottle_router(size))
    falcons, setup["falcon"] = timed_setup(lambda: falcon_router(size))
    bound, ours_bound = theirs.bind("x.example"), ours.bind("x.example")
    last = (size + 2) // 3 - 1
    calls: dict[str, dict[str, Call]] = {}
    for name, (method, path) in PATHS.items():
        calls[name] = match_calls(
            ours, ours_bound, bound, bottles, falcons, method, path.format(last=last)
        )
        for library in RAISING if name in ERRORS else ():
            calls[name][library] = quiet(calls[name][library])
    for name, (endpoint, values) in BUILDS.items():
        calls[name] = build_calls(
            ours, ours_bound, bound, endpoint.format(last=last), values
        )
    return calls, setup


def match_calls(
    ours: tantalus_routing.Map,
    ours_bound: tantalus_routing.MapAdapter,
    bound: werkzeug.routing.MapAdapter,
    bottles: bottle.Router,
    falcons: falcon.routing.CompiledRouter,
    method: str,
    path: str,
) -> dict[str, Call]:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_HOST": "x.example",
        "wsgi.url_scheme": "http",
        "SERVER_NAME": "x.example",
        "SERVER_PORT": "80",
    }
    return {
        "tantalus": lambda: ours.match(method, path),
        "adapter": lambda: ours_bound.match(path, method),
        "werkzeug": lambda: bound.match(path, method),
        "+ bind": lambda: bound.map.bind_to_environ(environ).match(),
        "bottle": lambda: bottles.match(environ),
        "falcon": lambda: falcons.find(path),
    }


def build_calls(
    ours: tantalus_routing.Map,
    ours_bound: tantalus_routing.MapAdapter,
    bound: werkzeug.routing.MapAdapter,
    endpoint: str,
    values: dict[str, object],
) -> dict[str, Call]:
    return {
        "tantalus": lambda: ours.build(endpoint, values),
        "adapter": lambda: ours_bound.build(endpoint, values),
        "werkzeug": lambda: bound.build(endpoint, values),
    }


def measure(calls: dict[str, Call]) -> dict[str, float]:
    """Return microseconds per call, the best of interleaved rounds."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(CALLS):
                call()
            best[name] = min(best[name], (time.perf_counter() - start) / CALLS)
    return {name: seconds * 1e6 for name, seconds in best.items()}


COLUMNS = ["tantalus", "adapter", "werkzeug", "+ bind", "bottle", "falcon"]


def table_line(name: str, took: dict[str, float]) -> str:
    """Return the figures, and by how much the map beats Werkzeug bound and unbound."""
    figures = "".join(
        f"{took[column]:9.2f}" if column in took else f"{'-':>9}" for column in COLUMNS
    )
    ratios = "".join(
        f"{took[column] / took['tantalus']:11.1f}" if column in took else f"{'-':>11}"
        for column in ("werkzeug", "+ bind")
    )
    return f"{name:18}{figures}{ratios}"


def main(sizes: list[int]) -> None:
    growth: dict[str, list[float]] = {}
    for size in sizes:
        calls, setup = contestants(size)
        shown = ", ".join(f"{name} {took * 1e3:.0f} ms" for name, took in setup.items())
        print(f"\n{size} rules; set-up: {shown}")
        heads = "".join(f"{column:>9}" for column in COLUMNS)
        print(f"{'':18}{heads}{'x werkzeug':>11}{'x + bind':>11}")
        for name, by_library in calls.items():
            took = measure(by_library)
            growth.setdefault(name, []).append(took["tantalus"])
            print(table_line(name, took))
    print(f"\nGrowth from {sizes[0]} to {sizes[-1]} rules")
    for name, figures in growth.items():
        print(f"{name:18}{figures[-1] / figures[0]:9.2f}")


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or SIZES)
