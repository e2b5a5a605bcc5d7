"""Values for Hypothesis."""

from __future__ import annotations

from urllib.parse import quote_plus

from hypothesis import strategies as st

# What can be sent: all that UTF-8 can encode.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = texts.filter(bool)
pairs = st.lists(st.tuples(names, texts), max_size=8)
# A query string as a server gives it: bytes as Latin-1, whatever they are.
raw_queries = st.lists(
    st.sampled_from(
        ["a", "b", "=", "&", "%", "+", "%C3%A9", "%FF", "é", "\xe9", "\x00"]
    ),
    max_size=20,
).map(lambda parts: "".join(parts).encode().decode("latin-1"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=12,
)


def encoded(pairs: list[tuple[str, str]]) -> str:
    """Return pairs as a browser sends a form."""
    return "&".join(f"{quote_plus(name)}={quote_plus(text)}" for name, text in pairs)
