from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tantalus_context import Namespace


@pytest.fixture
def namespace() -> Namespace:
    namespace = Namespace()
    namespace.user = "ada"
    return namespace


def test_an_attribute_that_was_set_is_read_back(namespace: Namespace) -> None:
    assert namespace.user == "ada"


def test_a_missing_attribute_is_an_error_that_names_it(namespace: Namespace) -> None:
    with pytest.raises(
        AttributeError,
        match=r"'db' is not set on this Namespace\. Set it first, or read it with get",
    ) as caught:
        _ = namespace.db

    assert caught.value.name == "db"
    assert caught.value.obj is namespace


def test_hasattr_tells_whether_an_attribute_is_set(namespace: Namespace) -> None:
    assert hasattr(namespace, "user")
    assert not hasattr(namespace, "db")


def test_a_deleted_attribute_is_gone(namespace: Namespace) -> None:
    del namespace.user

    assert "user" not in namespace


def test_deleting_a_missing_attribute_is_an_error(namespace: Namespace) -> None:
    with pytest.raises(AttributeError, match="db"):
        del namespace.db


def test_get_gives_the_value_or_a_default(namespace: Namespace) -> None:
    assert namespace.get("user") == "ada"
    assert namespace.get("db") is None
    assert namespace.get("db", 1) == 1


def test_pop_removes_and_returns(namespace: Namespace) -> None:
    assert namespace.pop("user") == "ada"
    assert "user" not in namespace


@pytest.mark.parametrize("default", [None, 0, "x"])
def test_pop_of_a_missing_name_gives_the_default(
    namespace: Namespace, default: object
) -> None:
    assert namespace.pop("db", default) == default


def test_pop_of_a_missing_name_without_default_is_a_key_error(
    namespace: Namespace,
) -> None:
    with pytest.raises(KeyError, match="db"):
        namespace.pop("db")


def test_setdefault_sets_only_what_is_missing(namespace: Namespace) -> None:
    assert namespace.setdefault("user", "bob") == "ada"
    assert namespace.setdefault("db", 1) == 1
    assert namespace.setdefault("cache") is None
    assert list(namespace) == ["user", "db", "cache"]


def test_repr_shows_the_names_and_no_values(namespace: Namespace) -> None:
    namespace.db = "secret"

    assert repr(namespace) == "<Namespace: user, db>"
    assert repr(Namespace()) == "<Namespace: empty>"


def test_an_empty_namespace_is_true() -> None:
    assert Namespace()


def test_a_namespace_can_be_copied_and_pickled(namespace: Namespace) -> None:
    twins = [copy.copy(namespace), copy.deepcopy(namespace)]
    twins.append(pickle.loads(pickle.dumps(namespace)))

    assert [twin.user for twin in twins] == ["ada"] * 3


class NamespaceAgreesWithADict(RuleBasedStateMachine):
    names = st.sampled_from(["a", "b", "user", "_x"])

    def __init__(self) -> None:
        super().__init__()
        self.namespace = Namespace()
        self.model: dict[str, object] = {}

    @rule(name=names, value=st.integers())
    def set(self, name: str, value: int) -> None:
        setattr(self.namespace, name, value)
        self.model[name] = value

    @rule(name=names, value=st.integers())
    def setdefault(self, name: str, value: int) -> None:
        assert self.namespace.setdefault(name, value) == self.model.setdefault(
            name, value
        )

    @rule(name=names)
    def pop(self, name: str) -> None:
        assert self.namespace.pop(name, None) == self.model.pop(name, None)

    @invariant()
    def the_same(self) -> None:
        assert {name: getattr(self.namespace, name) for name in self.namespace} == (
            self.model
        )


TestNamespaceAgreesWithADict = NamespaceAgreesWithADict.TestCase
