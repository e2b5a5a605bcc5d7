from __future__ import annotations

from hypothesis import strategies as st

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"None", "True", "False"} and name.isidentifier()
)

literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)

assignment_lines = st.builds(
    "{}={}".format,
    st.from_regex(r"SITE_[A-Z]{1,6}", fullmatch=True),
    st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True),
)

env_files = st.binary(max_size=60) | st.lists(assignment_lines, max_size=4).map(
    lambda lines: "\n".join(lines).encode()
)
