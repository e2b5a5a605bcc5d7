"""Random small sites: a base page, a page that extends it, and macros to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

BLOCKS = ("title", "outer", "inner")
NAMES = st.sampled_from(["x", "y", "z"])


@dataclass(frozen=True)
class Site:
    """The sources of a site; the entry is `page`."""

    pages: dict[str, str]
    given: dict[str, str]

    def variables(self) -> dict[str, Any]:
        """Return new variables for one render, with a counter to be changed."""
        return {**self.given, "count": [0]}


def statements() -> st.SearchStrategy[str]:
    """Return statements for the top of a page or the body of a block."""
    number = st.integers(0, 9)
    return st.one_of(
        st.builds("{{% set {} = {} %}}".format, NAMES, number),
        st.builds("{{% set {} = {} ~ '<{}>' %}}".format, NAMES, NAMES, number),
        st.builds("{{% set {} %}}[{{{{ {} }}}}]{{% endset %}}".format, NAMES, NAMES),
        NAMES.map("{{{{ {} }}}}".format),
        st.builds(
            "{{% if {} %}}{{% set {} = {} %}}{{% elif y %}}{{% set z = 1 %}}"
            "{{% else %}}{{% set y = 2 %}}{{% endif %}}".format,
            NAMES,
            NAMES,
            number,
        ),
        st.builds("{{% macro {}m(a) %}}<{{{{ a }}}}>{{% endmacro %}}".format, NAMES),
        NAMES.map("{{% from 'macros' import show as {0}m %}}{{{{ {0}m(1) }}}}".format),
        st.builds(
            "{{% for {} in [1, 2] %}}{{{{ {} }}}}{{% endfor %}}".format, NAMES, NAMES
        ),
        st.just("{% for i in [1, 2] %}{% do count.append(i) %}{% endfor %}"),
        st.just("{% with t = 1 %}{% do count.append(t) %}{% endwith %}"),
    )


@st.composite
def bodies(draw: st.DrawFn, block: str, *, inherits: bool) -> str:
    """Return a block with its name before and after what it shows."""
    content = "{{ x }}{{ y }}{{ z }}{{ xm(1) if xm is defined }}{{ count|sum }}"
    content += "".join(draw(st.lists(st.just("{{ x }}"), max_size=1)))
    if inherits and draw(st.booleans()):
        content += "{{ super() if super is defined }}"
    if block == "outer" and draw(st.booleans()):
        content += draw(bodies("inner", inherits=False))
    return f"{{% block {block} %}}({block}:{content}:{block}){{% endblock %}}"


@st.composite
def pages(draw: st.DrawFn, *, extends: str | None = None) -> str:
    """Return a page of statements and blocks, each block at most once."""
    source = f"{{% extends '{extends}' %}}" if extends else ""
    if extends and draw(st.booleans()):
        source = f"{{% if x %}}{source}{{% endif %}}"
    blocks = draw(st.permutations(["title", "outer"]))
    for block in blocks[: draw(st.integers(0, 2))] if extends else blocks:
        source += "".join(draw(st.lists(statements(), max_size=3)))
        source += draw(bodies(block, inherits=extends is not None))
    return source + "".join(draw(st.lists(statements(), max_size=2)))


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Return a site of up to three levels."""
    middle = draw(st.sampled_from([None, "middle"]))
    return Site(
        pages={
            "macros": "{% macro show(a) %}<{{ a }}{{ x }}>{% endmacro %}",
            "base": draw(pages()),
            "middle": draw(pages(extends="base")),
            "page": draw(pages(extends=middle or "base")),
        },
        given=draw(st.dictionaries(NAMES, st.sampled_from(["", "<", "v"]))),
    )


TOKENS = [
    *("{{", "}}", "{%", "%}", "{#", "#}", "(", ")", "[", "]", "|", ",", ".", "=", "~"),
    *("x", "y", "'page'", "'base'", "'none'", "1", "none", "is", "in", "if", "else"),
    *("{% if x %}", "{% elif y %}", "{% else %}", "{% endif %}", "{% endfor %}"),
    *("{% for x in y %}", "{% block a %}", "{% block b %}", "{% endblock %}"),
    *("{% extends 'base' %}", "{% extends none %}", "{% extends 'page' %}"),
    *("{% extends 1 %}", "{% include [1, 'base'] %}", "{% include x %}"),
    *("{% from 'base' import x, y as z %}", "{% import 'none' as x %}"),
    *("{% set x = 1 %}", "{% set x, y = 1, 2 %}", "{% set x %}", "{% endset %}"),
    *("{% macro m(x, y=1) %}", "{% endmacro %}", "{% call m() %}", "{% endcall %}"),
    *(
        "{{ x|qqq }}",
        "{{ x is qqq }}",
        "{{ x|map('qqq')|list }}",
        "{{ 'a'|int(1, 2) }}",
    ),
    *("{% filter upper %}", "{% endfilter %}", "{% raw %}", "{% endraw %}"),
    *(
        "{% break %}",
        "{% do x %}",
        "{% with a = 1 %}",
        "{% endwith %}",
        "\0",
        "\n",
        "é",
    ),
]


def sources() -> st.SearchStrategy[str]:
    """Return texts that often are nearly templates."""
    return st.lists(st.sampled_from(TOKENS) | st.text(max_size=3), max_size=12).map(
        " ".join
    )
