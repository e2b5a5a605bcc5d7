from __future__ import annotations

import tantalus_sessions
from tantalus.json import tag


def test_the_tags_are_those_of_the_sessions() -> None:
    assert tag.__all__ == [
        "JSONTag",
        "PassDict",
        "PassList",
        "TagBytes",
        "TagDateTime",
        "TagDict",
        "TagMarkup",
        "TagTuple",
        "TagUUID",
        "TaggedJSONSerializer",
    ]
    ours = {name: getattr(tag, name) for name in tag.__all__}
    assert ours == {name: getattr(tantalus_sessions, name) for name in tag.__all__}
