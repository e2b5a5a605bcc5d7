from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from markupsafe import Markup

plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
)
tagged = (
    st.binary(max_size=20)
    | st.uuids()
    | st.text(max_size=10).map(Markup)
    | st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    )
)
# Keys that look like tags, and like tags that were suffixed.
keys = st.text(max_size=8) | st.sampled_from([" t", " di", " b", " t__", " x", "_"])
values: st.SearchStrategy[Any] = st.recursive(
    plain | tagged,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=8,
)
exact_payloads = st.dictionaries(
    keys, values.filter(lambda value: "inf" not in repr(value)), max_size=5
)
payloads = st.dictionaries(keys, values, max_size=5)
names = st.sampled_from(["session", "s", "a b", "session2", 'q"', "", "é"])
cookie_headers = st.lists(
    st.sampled_from(
        [
            *("session", "s", "=", ";", "; ", " ", '"', "\\", "a", "x=y", "session=1"),
            *("session2=3", "é", "\n", "\t", "\xa0", 'q"', ",", "\\073", '="a;b"'),
        ]
    ),
    max_size=14,
).map("".join)
