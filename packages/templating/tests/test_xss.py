from __future__ import annotations

import json
from html.parser import HTMLParser

import jinja2
import pytest
from xss_corpus import ATTACKS

from tantalus_templating import HTML_EXTENSIONS, TEMPLATE_SUFFIXES, Templates

PAGE = """\
<p title="{{ attack }}" lang='{{ attack }}'>{{ attack }}</p>
<p data-json='{{ attack|tojson }}'>{{ [attack]|join("") }}</p>
<p>{{ attack ~ attack }}{{ "%s"|format(attack) }}{{ attack|upper }}</p>
{% macro cell(text) %}<td>{{ text }}</td>{% endmacro %}{{ cell(attack) }}
{% set kept %}{{ attack }}{% endset %}<p>{{ kept }}</p>
{% include "part" %}
<script>{{ {attack: attack}|tojson }}</script>
"""
PART = "<i>{{ attack }}</i>"
TAGS = ["p", "p", "p", "td", "p", "i", "script"]

NAMES = [f"page{ending}" for ending in HTML_EXTENSIONS]
NAMES += [f"page{ending}".upper() for ending in HTML_EXTENSIONS]
NAMES += [f"page.html{suffix}" for suffix in TEMPLATE_SUFFIXES]
NAMES += [f"page{suffix}" for suffix in TEMPLATE_SUFFIXES]
NAMES += ["page", "folder.txt/page"]


class Reader(HTMLParser):
    """What a parser makes of a page: its tags, and attributes and text inside."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.text: dict[str, str] = {}
        self.others: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        tag = self.tags[-1]
        self.text[tag] = self.text.get(tag, "") + data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def read(attack: str, name: str = "page.html") -> Reader:
    pages = {name: PAGE, "part": PART}
    return Reader(Templates(jinja2.DictLoader(pages)).render(name, attack=attack))


def test_the_corpus_has_200_different_attacks() -> None:
    assert len(ATTACKS) == len(set(ATTACKS)) == 200


def test_the_reader_sees_an_attack_that_is_not_escaped() -> None:
    pages = {"page.txt": PAGE, "part": PART}
    text = Templates(jinja2.DictLoader(pages)).render("page.txt", attack=ATTACKS[0])

    assert Reader(text).tags != TAGS


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_becomes_markup(attack: str) -> None:
    page = read(attack)

    assert page.tags == TAGS
    assert [sorted(names) for names in page.attributes] == [
        ["lang", "title"],
        ["data-json"],
        [],
        [],
        [],
        [],
        [],
    ]
    assert page.others == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_arrives_as_the_text_it_is(attack: str) -> None:
    page = read(attack)

    assert page.attributes[0] == {"title": attack, "lang": attack}
    assert json.loads(page.attributes[1]["data-json"] or "") == attack
    assert page.text["td"].strip() == attack.strip()
    assert page.text["i"].strip() == attack.strip()
    assert json.loads(page.text["script"]) == {attack: attack}


@pytest.mark.parametrize("name", NAMES)
def test_templates_with_these_names_are_escaped(name: str) -> None:
    page = read("<script>alert(1)</script>", name)

    assert page.tags == TAGS


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_becomes_markup_in_a_stream_a_string_or_a_block(attack: str) -> None:
    source = "{% block only %}<p>{{ attack }}</p>{% endblock %}"
    templates = Templates(jinja2.DictLoader({"page.html": source}))

    pages = [
        "".join(templates.stream("page.html", attack=attack)),
        "".join(templates.stream_string(source, attack=attack)),
        "".join(templates.stream_block("page.html", "only", attack=attack)),
        templates.render_string(source, attack=attack),
        templates.render_block("page.html", "only", attack=attack),
    ]

    assert [Reader(page).tags for page in pages] == [["p"]] * 5
