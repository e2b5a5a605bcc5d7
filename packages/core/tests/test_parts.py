"""`request.parts()` in an app: the same on both faces, with the limits of the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from driver import Exchange, ask, body_in, scope_of

from tantalus import App, Flask, request
from tantalus.typing import ResponseReturnValue
from tantalus_http import UploadFolder

BODY = (
    b'--B\r\nContent-Disposition: form-data; name="title"\r\n\r\nMe\r\n'
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="../a.txt"\r\n\r\n'
    + b"x" * 100_000
    + b"\r\n--B--\r\n"
)
KIND = "multipart/form-data; boundary=B"


def made(folder: Path, cls: type[App] = App) -> App:
    app = cls("shop")
    uploads = UploadFolder(folder)

    @app.post("/")
    def receive() -> ResponseReturnValue:
        with request.parts() as parts:
            return [
                part.text() if part.filename is None else part.save(uploads).size
                for part in parts
            ]

    @app.post("/form")
    def read_form_too() -> ResponseReturnValue:
        return [part.name for part in request.parts()] + [*request.form]

    return app


def by_wsgi(app: App, body: bytes = BODY, path: str = "/") -> tuple[int, Any]:
    answer = app.test_client().post(path, data=body, content_type=KIND)
    return answer.status_code, answer.json if answer.is_json else answer.text


def by_asgi(app: App, body: bytes = BODY, path: str = "/") -> tuple[int, Any]:
    headers = [
        (b"content-type", KIND.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    pieces = [body[at : at + 10_000] for at in range(0, len(body), 10_000)]
    answer: Exchange = ask(
        app, scope_of(path, "POST", headers=headers), body_in(*pieces)
    )
    text = answer.body.decode()
    return answer.status, app.json.loads(text) if text[:1] == "[" else text


@pytest.mark.parametrize("visit", [by_wsgi, by_asgi])
@pytest.mark.parametrize("cls", [App, Flask])
def test_parts_come_on_both_faces(visit: Any, cls: type[App], tmp_path: Path) -> None:
    assert visit(made(tmp_path, cls)) == (200, ["Me", 100_000])
    assert len([*tmp_path.iterdir()]) == 1


@pytest.mark.parametrize("visit", [by_wsgi, by_asgi])
@pytest.mark.parametrize(
    ("setting", "limit"),
    [
        ("MAX_CONTENT_LENGTH", 90_000),
        ("MAX_FORM_PARTS", 1),
        ("MAX_FORM_MEMORY_SIZE", 1),
    ],
)
def test_the_limits_of_the_app_hold(
    visit: Any, setting: str, limit: int, tmp_path: Path
) -> None:
    app = made(tmp_path)
    app.config[setting] = limit

    assert visit(app)[0] == 413
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("visit", [by_wsgi, by_asgi])
def test_a_form_that_is_cut_off_leaves_no_file(visit: Any, tmp_path: Path) -> None:
    assert visit(made(tmp_path), BODY[:-10])[0] == 400
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("visit", [by_wsgi, by_asgi])
def test_a_view_that_reads_its_form_twice_is_told(visit: Any, tmp_path: Path) -> None:
    app = made(tmp_path)
    told: list[str] = []

    @app.errorhandler(RuntimeError)
    def tell(error: RuntimeError) -> str:
        told.append(str(error))
        return ""

    visit(app, path="/form")

    assert "was read already" in told[0]
