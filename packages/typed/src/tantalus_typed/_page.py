"""A page that shows an OpenAPI document, without scripts.

It is read offline and below any Content-Security-Policy that allows its stylesheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

Document = Mapping[str, Any]  # Any: a JSON value

#: The stylesheet of `docs_page()`, light and dark, which a route of yours may serve.
DOCS_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem;
  padding: 1rem; }
h2 { border-bottom: 1px solid; margin-top: 3rem; }
h3 code { font-size: 1.1rem; }
.method { font-weight: bold; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { border-bottom: 1px solid #8884; padding: .2rem .8rem .2rem 0;
  text-align: left; vertical-align: top; }
nav ul { columns: 2; list-style: none; padding: 0; }
:root { color-scheme: light dark; }
@media (max-width: 40rem) { nav ul { columns: 1; } }
"""
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{links}</head>
<body>
<h1>{title} <small>{version}</small></h1>
{body}
</body>
</html>
"""
# Rules about a value, as they are told.
_RULES = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} letters",
    "maxLength": "at most {} letters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches {}",
}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def docs_page(document: Document, *, style: str = "", source: str = "") -> str:
    """Return the page of a document, as HTML.

    Args:
        document: As `document()` makes it, edited or not.
        style: URL of the stylesheet, which is `DOCS_STYLE`.
        source: URL of the document.
    """
    info = document["info"]
    groups = _groups(document)
    body = [*_paragraphs(info.get("description"))]
    if source:
        body.append(f'<p><a href="{escape(source)}">The document as JSON</a></p>')
    body.append(f"<nav><ul>{''.join(_entries(groups))}</ul></nav>")
    for tag, operations in groups.items():
        if tag:
            body.append(f"<h2>{escape(tag)}</h2>")
        for method, path, operation in operations:
            body.extend(_operation(method, path, operation, document))
    body.extend(_schemas(document))
    link = f'<link rel="stylesheet" href="{escape(style)}">\n' if style else ""
    return _PAGE.format(
        title=escape(str(info["title"])),
        version=escape(str(info["version"])),
        links=link,
        body="\n".join(body),
    )


Groups = dict[str, list[tuple[str, str, Document]]]


def _groups(document: Document) -> Groups:
    """Return (method, path, operation) by the first tag of the operation."""
    groups: Groups = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                tag = next(iter(methods[method].get("tags", ())), "")
                groups.setdefault(tag, []).append((method, path, methods[method]))
    return groups


def _entries(groups: Groups) -> Iterator[str]:
    for operations in groups.values():
        for method, path, operation in operations:
            yield (
                f'<li><a href="#{_anchor(method, path, operation)}">'
                f"<code>{method.upper()} {escape(path)}</code></a></li>"
            )


def _anchor(method: str, path: str, operation: Document) -> str:
    return escape(str(operation.get("operationId", f"{method}-{path}")))


def _operation(
    method: str, path: str, operation: Document, document: Document
) -> Iterator[str]:
    yield (
        f'<section id="{_anchor(method, path, operation)}"><h3>'
        f'<code><span class="method">{method.upper()}</span> {escape(path)}</code></h3>'
    )
    yield from _paragraphs(operation.get("summary"))
    yield from _paragraphs(operation.get("description"))
    names = [name for one in operation.get("security", ()) for name in one]
    if names:
        yield f"<p>Asks for {escape(' and '.join(names))}.</p>"
    parameters = operation.get("parameters", ())
    if parameters:
        yield _table(
            ("Parameter", "In", "Type", ""),
            [
                (
                    f"<code>{escape(one['name'])}</code>",
                    escape(one["in"]),
                    type_text(one.get("schema", {})),
                    _told(one),
                )
                for one in parameters
            ],
        )
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Body: <code>{escape(kind)}</code>, {_media_text(media)}</p>"
        if "properties" in media.get("schema", {}):
            yield _fields(media["schema"])
    yield _table(("Status", "Answer", "Type"), list(_answers(operation, document)))
    yield "</section>"


def _answers(operation: Document, document: Document) -> Iterator[Sequence[str]]:
    for status, answer in operation.get("responses", {}).items():
        if "$ref" in answer:
            name = answer["$ref"].rpartition("/")[2]
            answer = document["components"]["responses"][name]
        types = [
            f"<code>{escape(kind)}</code>, {_media_text(media)}"
            for kind, media in answer.get("content", {}).items()
        ]
        told = escape(answer.get("description", ""))
        yield escape(status), told, "<br>".join(types)


def _media_text(media: Document) -> str:
    return type_text(media["schema"]) if "schema" in media else "anything"


def _told(parameter: Document) -> str:
    told = [] if parameter.get("required") else ["optional"]
    if "default" in parameter.get("schema", {}):
        told.append(f"default {parameter['schema']['default']!r}")
    text = str(parameter.get("description", ""))
    return escape(f"{', '.join(told)} {text}".strip())


def _schemas(document: Document) -> Iterator[str]:
    schemas = document.get("components", {}).get("schemas", {})
    if schemas:
        yield "<h2>Schemas</h2>"
    for name, schema in schemas.items():
        yield f'<section id="schema-{escape(name)}"><h3>{escape(name)}</h3>'
        yield from _paragraphs(schema.get("description"))
        if "properties" in schema:
            yield _fields(schema)
        else:
            yield f"<p>{type_text(schema)}</p>"
        yield "</section>"


def _fields(schema: Document) -> str:
    required = schema.get("required", ())
    rows = [
        (
            f"<code>{escape(name)}</code>",
            type_text(one),
            "" if name in required else "optional",
        )
        for name, one in schema["properties"].items()
    ]
    return _table(("Field", "Type", ""), rows)


def type_text(schema: Document) -> str:
    """Return what a schema asks for, in a few words of HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "enum" in schema:
        return escape(" or ".join(map(repr, schema["enum"])))
    if "const" in schema:
        return escape(repr(schema["const"]))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(map(type_text, schema[word]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {type_text(schema.get('items', {}))}{_rules(schema)}"
    values = schema.get("additionalProperties")
    if kind == "object" and isinstance(values, dict):
        return f"object of {type_text(values)}{_rules(schema)}"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if "format" in schema:
        words = f"{words} ({schema['format']})"
    return escape(words) + _rules(schema)


def _rules(schema: Document) -> str:
    told = [text.format(schema[key]) for key, text in _RULES.items() if key in schema]
    return escape("".join(f", {one}" for one in told))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"


def _paragraphs(text: object) -> Iterator[str]:
    for part in str(text or "").split("\n\n"):
        if part.strip():
            yield f"<p>{escape(part.strip())}</p>"
