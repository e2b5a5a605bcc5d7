"""OpenAPI 3.1 of plans: a plain dict, to be edited as you like."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ._answer import AS_IS, codec_of_return
from ._bound import Bound
from ._codec import Codec, choose
from ._environ import phrase_of
from ._errors import SetupError
from ._problems import PROBLEM_SCHEMA
from ._reader import wire_name
from ._readers import flat
from ._request import JSON
from ._shape import kernel, listed
from ._signature import MISSING, Where, identity
from ._steps import Leaf

REF = "#/components/schemas/{name}"
PARAMETERS = ("path", "query", "header", "cookie")
BODIES = ("body", "form", "file", "json")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OCTETS = "application/octet-stream"
# The format is OpenAPI 3.0's word for bytes; generators of clients know it better.
FILE = {"type": "string", "format": "binary", "contentMediaType": OCTETS}
Document = dict[str, Any]  # Any: a JSON value
Wanted = tuple[Any, Document, Document]  # Any: a type
# A variable of a path: <int:user>, <user>, {user:int}, {user}.
VARIABLE = re.compile(r"<(?:[^<>]*:)?([^<>:]+)>|\{([^{}:]+)(?::[^{}]*)?\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        method: GET, POST ...
        path: With variables as `<int:user>` or `{user}`.
        bound: The view.
        name: Unique; the `operationId`.
        tags: Groups of operations.
        variables: What the router asks of variables of the path, in words of JSON
            schema; what the view says of them comes before it.
    """

    method: str
    path: str
    bound: Bound
    name: str
    tags: Sequence[str] = ()
    variables: Mapping[str, Document] = field(default_factory=dict)


def document(operations: Sequence[Operation], *, title: str, version: str) -> Document:
    """Return the OpenAPI 3.1 document of operations.

    Raises:
        SetupError: Two types of one name would be one schema; two operations are the
            same, or have one name; a view reads a variable that its path has not.
    """
    writer = _Writer()
    paths: Document = {}
    names: set[str] = set()
    for one in operations:
        if one.name in names:
            raise SetupError(
                f"Two operations are called {one.name!r}. Name them apart."
            )
        names.add(one.name)
        path = VARIABLE.sub(lambda found: f"{{{found[1] or found[2]}}}", one.path)
        methods, method = paths.setdefault(path, {}), one.method.lower()
        if method not in METHODS or method in methods:
            raise SetupError(
                f"Operation {one.name!r}: {one.method} {path} is"
                f" {'there twice' if method in methods else 'no method of OpenAPI'}."
            )
        methods[method] = writer.operation(one, path)
    writer.fill()
    components: Document = {"schemas": writer.components}
    if writer.refuses:
        components["schemas"]["Problem"] = PROBLEM_SCHEMA
        components["responses"] = {"Problem": _problem_response()}
    if writer.security:
        components["securitySchemes"] = writer.security
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": components,
    }


def _problem_response() -> Document:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": "The request cannot be answered as asked.",
        "content": {"application/problem+json": {"schema": schema}},
    }


class _Writer:
    """Writes operations; their schemas are filled in at the end, all at once."""

    def __init__(self) -> None:
        self.components: Document = {}
        self.security: Document = {}
        self.refuses = False
        # Types by codec; what is said of each goes between two others.
        self._wanted: dict[str, tuple[Codec, list[Wanted]]] = {}

    def operation(self, one: Operation, path: str) -> Document:
        plan = one.bound.plan
        written: Document = {"operationId": one.name}
        text = inspect.getdoc(plan.view)
        if text:
            summary, _, rest = text.partition("\n")
            written["summary"] = summary
            if rest.strip():
                written["description"] = rest.strip()
        if one.tags:
            written["tags"] = list(one.tags)
        if plan.security:
            self.security.update(plan.security)
            written["security"] = [{name: [] for name in plan.security}]
        leaves = list(flat(plan.leaves))
        secret = set(_said_by_security(plan.security.values()))
        parameters = [
            self._parameter(leaf, one)
            for leaf in leaves
            if leaf.place in PARAMETERS and _place_and_name(leaf) not in secret
        ]
        parameters += _unread(one, path, leaves)
        if parameters:
            written["parameters"] = parameters
        bodies = [leaf for leaf in leaves if leaf.place in BODIES]
        if bodies:
            written["requestBody"] = self._body(bodies, one.bound)
        reads = bool(parameters or not plan.places.isdisjoint((*PARAMETERS, *BODIES)))
        written["responses"] = self._responses(one.bound, reads)
        if "{" in path:
            self._refuse(written["responses"], "404")
        if plan.security:
            self._refuse(written["responses"], "401", "403")
        written["responses"] = dict(sorted(written["responses"].items()))
        return written

    def _schema(
        self,
        hint: Any,
        bound: Bound,
        where: Where | str,
        before: Document | None = None,
    ) -> Document:
        """Return a dict that `fill()` will make the schema of a type."""
        return self._want(choose(bound.codecs, hint, where), hint, before)

    def _want(self, codec: Codec, hint: Any, before: Document | None) -> Document:
        schema: Document = {}
        wanted = self._wanted.setdefault(codec.name, (codec, []))[1]
        wanted.append((hint, before or {}, schema))
        return schema

    def _parameter(self, leaf: Leaf, one: Operation) -> Document:
        in_path = leaf.place == "path"
        required = in_path or leaf.default is MISSING
        routed = one.variables.get(leaf.key) if in_path else None
        schema = self._schema(leaf.hint, one.bound, one.bound.plan.where(leaf), routed)
        _add_default(schema, leaf)
        return {
            "name": wire_name(leaf),
            "in": leaf.place,
            "required": required,
            "schema": schema,
        }

    def _body(self, leaves: Sequence[Leaf], bound: Bound) -> Document:
        required = any(leaf.default is MISSING for leaf in leaves)
        if leaves[0].place == "body":
            if kernel(leaves[0].hint) is bytes:
                required = False  # none is an empty one
                content: Document = {OCTETS: {"schema": dict(FILE)}}
            else:
                schema = self._schema(
                    leaves[0].hint, bound, bound.plan.where(leaves[0])
                )
                content = {JSON: {"schema": schema}}
            return {"required": required, "content": content}
        multipart = any(leaf.place in ("file", "json") for leaf in leaves)
        kind = (
            "multipart/form-data" if multipart else "application/x-www-form-urlencoded"
        )
        properties = {leaf.key: self._field(leaf, bound) for leaf in leaves}
        form: Document = {"type": "object", "properties": properties}
        wanted = [leaf.key for leaf in leaves if leaf.default is MISSING]
        if wanted:
            form["required"] = wanted
        return {"required": required, "content": {kind: {"schema": form}}}

    def _field(self, leaf: Leaf, bound: Bound) -> Document:
        if leaf.place != "file":
            return self._schema(leaf.hint, bound, bound.plan.where(leaf))
        if listed(leaf.hint) is None:
            return dict(FILE)
        files: Document = {"type": "array", "items": dict(FILE)}
        # Of an empty list nothing is sent, and so it is missing.
        return files | ({"minItems": 1} if leaf.default is MISSING else {})

    def _responses(self, bound: Bound, reads: bool) -> Document:
        plan = bound.plan
        status = plan.status or 200
        answer: Document = {"description": phrase_of(status)}
        codec = codec_of_return(plan, bound.codecs, AS_IS)
        if codec is not None:
            schema = self._want(codec, plan.returns, None)
            answer["content"] = {JSON: {"schema": schema}}
        responses: Document = {str(status): answer}
        if reads:
            self._refuse(responses, *_refusals(plan.places))
        return responses

    def _refuse(self, responses: Document, *statuses: str) -> None:
        self.refuses = True
        for status in statuses:
            responses[status] = {"$ref": "#/components/responses/Problem"}

    def fill(self) -> None:
        """Ask each codec for the schemas of all its types, and put them in place."""
        for codec, wanted in self._wanted.values():
            # Many operations have parameters of a few types.
            hints = {identity(hint): hint for hint, _, _ in wanted}
            schemas, components = codec.schemas(list(hints.values()), REF)
            of_hints = dict(zip(hints, schemas, strict=True))
            for hint, before, schema in wanted:
                schema.update(before | _copied(of_hints[identity(hint)]) | schema)
            for name, made in components.items():
                if self.components.setdefault(name, made) != made:
                    raise SetupError(
                        f"Two types are called {name!r}, of {codec.name} and of another"
                        " library. Rename one: the schemas of a document have one name."
                    )


def _copied(schema: Any) -> Any:
    """Return a copy of a JSON value, so that one place can be edited alone."""
    if isinstance(schema, dict):
        return {key: _copied(value) for key, value in schema.items()}
    return [_copied(one) for one in schema] if isinstance(schema, list) else schema


def _place_and_name(leaf: Leaf) -> tuple[str, str]:
    name = str(wire_name(leaf))
    return leaf.place, name.lower() if leaf.place == "header" else name


def _said_by_security(
    schemes: Iterable[Mapping[str, object]],
) -> Iterator[tuple[str, str]]:
    """Yield places and names that security describes, and so no parameter does.

    A client would send both, and the empty one of them last.
    """
    for scheme in schemes:
        if scheme.get("type") == "apiKey":
            place, name = str(scheme.get("in")), str(scheme.get("name"))
            yield place, name.lower() if place == "header" else name
        else:
            yield "header", "authorization"


def _unread(one: Operation, path: str, leaves: Sequence[Leaf]) -> list[Document]:
    """Return the variables of a path that its view does not read."""
    known = re.findall(r"\{([^{}]+)\}", path)
    read = [leaf.key for leaf in leaves if leaf.place == "path"]
    for name in read:
        if name not in known:
            raise SetupError(
                f"Operation {one.name!r}: its view reads {name!r} of the path, and"
                f" {one.path} has no such variable."
            )
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"} | one.variables.get(name, {}),
        }
        for name in known
        if name not in read
    ]


def _refusals(places: frozenset[str]) -> Iterator[str]:
    """Yield the statuses of refusals of a request that is read at these places."""
    if places & {"body", "json"}:
        yield "400"
    if places & set(BODIES):
        yield from ("413", "415")
    yield "422"


def _add_default(schema: Document, leaf: Leaf) -> None:
    """Add the default of a parameter, where it has a form in JSON."""
    if leaf.default is MISSING or leaf.default is None:
        return
    try:
        default = msgspec.json.decode(msgspec.json.encode(leaf.default))
    except (TypeError, ValueError):
        return
    if default is not None:  # as NaN is in JSON
        schema["default"] = default
