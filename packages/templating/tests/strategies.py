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
        content += "{{ super() }}"
    if block == "outer" and draw(st.booleans()):
        content += draw(bodies("inner", inherits=False))
    return f"{{% block {block} %}}({block}:{content}:{block}){{% endblock %}}"


@st.composite
def pages(draw: st.DrawFn, *, extends: str | None = None) -> str:
    """Return a page of statements and blocks, each block at most once."""
    source = f"{{% extends '{extends}' %}}" if extends else ""
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
