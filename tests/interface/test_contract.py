"""No answer is one that the document denies."""

from __future__ import annotations

from pathlib import Path

import pytest
from openapi_spec_validator import validate

import contract
import features


def test_the_document_with_every_feature_is_valid() -> None:
    validate(features.make_app().openapi())


@pytest.mark.parametrize("name", contract.SUBJECTS)
def test_what_is_answered_is_in_the_document(name: str, tmp_path: Path) -> None:
    found = contract.asked_of(name, requests=200, seed=1, folder=tmp_path)

    assert not found.wrong, found.wrong
    assert found.requests >= 200
