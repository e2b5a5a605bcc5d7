"""A client that was generated of the document calls the app."""

from __future__ import annotations

import datetime
import importlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import contract
import features

NAME = "features_client"


class Generated:
    """The client: functions by their names, models, and who calls."""

    def __init__(self, url: str) -> None:
        self.models: Any = importlib.import_module(f"{NAME}.models")
        self.types: Any = importlib.import_module(f"{NAME}.types")
        known = {"token": "t1", "prefix": "", "auth_header_name": "X-Key"}
        client: Any = importlib.import_module(f"{NAME}.client")
        self.client = client.AuthenticatedClient(
            url, raise_on_unexpected_status=True, **known
        )

    def call(self, name: str, *args: object, **values: object) -> Any:
        """Return what a function of the client returns."""
        group = name.partition("_")[0]
        folder = group if group in ("shop", "bodies") else "default"
        module: Any = importlib.import_module(f"{NAME}.api.{folder}.{name}")
        return module.sync(*args, client=self.client, **values)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    folder = tmp_path_factory.mktemp("client")
    app = features.make_app()
    (folder / "openapi.json").write_text(json.dumps(app.openapi()))
    (folder / "client.yml").write_text("post_hooks: []\n")
    command = [str(Path(sys.executable).parent / "openapi-python-client"), "generate"]
    command += ["--path", "openapi.json", "--config", "client.yml", "--meta", "none"]
    command += ["--output-path", NAME, "--fail-on-warning"]
    made = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    try:
        with contract.served(app) as url:
            client = Generated(url)
            with client.client:
                yield client
    finally:
        sys.path.remove(str(folder))


def test_every_operation_has_a_function(generated: Generated) -> None:
    operations = features.make_app().openapi()["paths"].values()
    names = [one["operationId"] for methods in operations for one in methods.values()]

    for name in names:
        module = name.replace(".", "_")
        folder = name.partition(".")[0] if "." in name else "default"
        found: Any = importlib.import_module(f"{NAME}.api.{folder}.{module}")
        assert callable(found.sync_detailed)


def test_what_is_asked_in_path_and_query_arrives(generated: Generated) -> None:
    page = generated.call("shop_item", 7, "tea", rows=3, deep=True)

    assert page.total == 7
    assert [one.sku for one in page.entries] == ["a", "a", "a"]
    assert page.entries[0].color is generated.models.Color.RED


# The client does so for each cookie of an operation.
@pytest.mark.filterwarnings("ignore:Setting per-request cookies:DeprecationWarning")
def test_dates_lists_and_cookies_arrive(generated: Generated) -> None:
    answer = generated.call(
        "shop_when",
        day=datetime.date(2026, 1, 2),
        at=datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC),
        level=generated.models.Level.VALUE_2,
        ids=[4, 5],
        seen="abc",
        max_price="1.50",
    )

    assert answer == [2026, 2, 3, 4, 5]


def test_a_body_is_created_by_who_is_known(generated: Generated) -> None:
    item = generated.models.Item("tea", count=2)

    created = generated.call("shop_create", body=item)

    assert created.to_dict() == {"sku": "tea", "count": 2, "color": "red"}


def test_what_is_refused_is_a_problem_with_its_places(generated: Generated) -> None:
    refused = generated.call("shop_create", body=generated.models.Item("", count=1000))

    assert refused.status == 422
    assert [one.pointer for one in refused.errors] == ["#/sku", "#/count"]


def test_all_types_go_there_and_back(generated: Generated) -> None:
    models = generated.models
    everything = models.Everything(
        one_id=uuid.UUID(int=7),
        made_at=datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC),
        due_on=datetime.date(2026, 1, 2),
        price="1.50",
        lasts="P1DT7200S",
        level=models.Level.VALUE_1,
        ok=True,
        rate=0.5,
        raw="Zm91cg==",
        pair=[1, "a"],
        tags=["x"],
        either="y",
    )
    everything.names = models.EverythingNames.from_dict({"a": 1})

    assert generated.call("bodies_everything", body=everything) == everything


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("bodies_pet", lambda of: of.Dog.from_dict({"type": "dog", "name": "Rex"})),
        ("bodies_address", lambda of: of.Address("High Street", number=None)),
        ("bodies_node", lambda of: of.Node("a", children=[of.Node("b", [])])),
        (
            "bodies_contact",
            lambda of: of.Contact("Ada", ages=[36], kind=of.ContactKind.FRIEND),
        ),
    ],
    ids=["union", "TypedDict", "recursive", "pydantic"],
)
def test_models_go_there_and_back(generated: Generated, name: str, model: Any) -> None:
    sent = model(generated.models)

    assert generated.call(name, body=sent).to_dict() == sent.to_dict()


def test_files_and_forms_arrive(generated: Generated) -> None:
    models, file = generated.models, generated.types.File

    uploaded = generated.call(
        "bodies_upload",
        body=models.BodiesUploadBody(
            files=[file(BytesIO(b"four"), "a.txt"), file(BytesIO(b"12"), "b.txt")],
            part=models.Contact("Ada", ages=[], kind=models.ContactKind.OTHER),
        ),
    )
    profile = generated.call(
        "bodies_profile",
        body=models.BodiesProfileBody(
            name="Ada",
            photo=file(BytesIO(b"four"), "a.png"),
            address=models.Item("tea"),
        ),
    )
    logged_in = generated.call(
        "bodies_log_in", body=models.BodiesLogInBody("Ada", 2, tag=["a", "b"])
    )
    raw = generated.call("bodies_raw", body=file(BytesIO(b"12345"), "a"))

    assert uploaded == [4, 2]
    assert profile.to_dict() == {"name": "Ada"}
    assert logged_in == ["Ada", "a", "b"]
    assert raw.to_dict() == {"length": 5}


def test_an_async_view_and_the_methods_of_a_class_are_called(
    generated: Generated,
) -> None:
    item = generated.models.Item("tea", count=2)

    assert generated.call("later", more=3) == 10
    assert generated.call("stock_get", "tea", page=2) == [2]
    assert generated.call("stock_put", "tea", body=item).count == 2
