"""The page that shows an OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest
from test_openapi import operations

from tantalus_typed import DOCS_STYLE, docs_page, document
from tantalus_typed._page import type_text


def test_a_page_needs_no_scripts_and_escapes_all_it_shows() -> None:
    made: dict[str, Any] = {
        "info": {"title": "<A>", "version": "1", "description": "One & two.\n\nThree."},
        "paths": {
            "/<x>": {
                "get": {
                    "summary": "<script>",
                    "tags": ["<T>"],
                    "security": [{"<key>": []}],
                    "parameters": [{"name": "<p>", "in": "query"}],
                    "responses": {"200": {"description": "<ok>"}},
                }
            }
        },
    }

    page = docs_page(made, style="/s?a&b", source="/d?a&b")

    assert "<script" not in page
    assert not [one for one in ("<A>", "<x>", "<T>", "<key>", "<ok>") if one in page]
    assert "<code>&lt;p&gt;</code>" in page
    assert "<p>One &amp; two.</p>\n<p>Three.</p>" in page
    assert 'href="/s?a&amp;b"' in page
    assert 'href="/d?a&amp;b"' in page
    assert "Asks for &lt;key&gt;." in page


def test_what_a_page_does_not_have_is_left_out() -> None:
    made = {"info": {"title": "A", "version": "1"}, "paths": {"/": {"summary": "x"}}}

    page = docs_page(made)

    assert "stylesheet" not in page
    assert "The document" not in page
    assert "Schemas" not in page


def test_a_page_shows_the_document_of_views() -> None:
    page = docs_page(document(operations(), title="Shop", version="1"))

    assert "<h1>Shop <small>1</small></h1>" in page
    assert DOCS_STYLE.count("{") == DOCS_STYLE.count("}")


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({}, "anything"),
        ({"$ref": "#/components/schemas/Order"}, '<a href="#schema-Order">Order</a>'),
        ({"enum": ["a", "b"]}, "&#x27;a&#x27; or &#x27;b&#x27;"),
        ({"const": 1}, "1"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"oneOf": [{"type": "string"}]}, "string"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"type": "array", "maxItems": 2}, "list of anything, at most 2 items"),
        ({"type": "object"}, "object"),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            "object of integer",
        ),
        ({"type": "string", "format": "date"}, "string (date)"),
        ({"type": "integer", "minimum": 0}, "integer, ≥ 0"),
        ({"type": "number", "exclusiveMaximum": 9}, "number, &lt; 9"),
    ],
)
def test_a_schema_is_told_in_a_few_words(schema: dict[str, Any], text: str) -> None:
    assert type_text(schema) == text


def test_fields_of_forms_and_schemas_are_tables() -> None:
    form = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name"],
    }
    made: dict[str, Any] = {
        "info": {"title": "A", "version": "1"},
        "paths": {
            "/": {
                "post": {
                    "operationId": "send",
                    "requestBody": {
                        "content": {"multipart/form-data": {"schema": form}}
                    },
                    "responses": {
                        "200": {"description": "", "content": {"image/png": {}}},
                        "422": {"$ref": "#/components/responses/Problem"},
                    },
                    "parameters": [
                        {
                            "name": "page",
                            "in": "query",
                            "required": True,
                            "description": "Which.",
                            "schema": {"type": "integer", "default": 1},
                        }
                    ],
                },
                "put": {
                    "requestBody": {"content": {"image/png": {}}},
                    "responses": {},
                },
            }
        },
        "components": {
            "schemas": {
                "Form": form | {"description": "A form."},
                "Kind": {"enum": [1]},
            },
            "responses": {"Problem": {"description": "Refused."}},
        },
    }

    page = docs_page(made)

    assert page.count("<td><code>name</code></td><td>string</td><td></td>") == 2
    assert page.count("<td>integer</td><td>optional</td>") == 2
    assert "<td>422</td><td>Refused.</td>" in page
    assert "<code>image/png</code>, anything" in page
    assert "<td>default 1 Which.</td>" in page
    assert "<p>A form.</p>" in page
    assert '<section id="put-/">' in page
    assert "<p>Body: <code>image/png</code>, anything</p>" in page
    assert '<section id="schema-Kind"><h3>Kind</h3>\n<p>1</p>' in page
