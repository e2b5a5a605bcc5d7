"""200 attacks on the pages of an app, in a real browser: none is markup, none runs.

What counts is the tree that the browser made of a page, and what ran in it: `alert` is
replaced in every document, frames included, by a function that leaves a mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from runpy import run_path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from selenium.webdriver.remote.webdriver import WebDriver
from werkzeug.serving import make_server

from tantalus import (
    App,
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_block,
    render_template,
    render_template_string,
    request,
    stream_template,
    url_for,
)

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "packages" / "templating" / "tests" / "xss_corpus.py"
ATTACKS: tuple[str, ...] = run_path(str(CORPUS))["ATTACKS"]
# No XML document can hold a NUL, however it is written (XML 1.0, section 2.2).
XML_ATTACKS = [attack.replace("\0", "") for attack in ATTACKS]

# Well-formed XML too, so that one text serves all kinds of documents.
EACH = """
{% for attack in attacks %}
<TEXT title="{{ attack }}" lang='{{ attack }}' data-json='{{ attack|tojson }}'>{{ attack
}}</TEXT>
<RAW>{{ attack }}</RAW>
<script>(window.seen ??= []).push({{ attack|tojson }})</script>
{% endfor %}
"""
PAGE = (
    '<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
    "<head><title>Attacked</title></head>"
    "<body>{% block all %}"
    f"{EACH.replace('TEXT', 'p').replace('RAW', 'textarea')}"
    "{% endblock %}</body></html>"
)
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg">'
    f"{EACH.replace('TEXT', 'text').replace('RAW', 'desc')}</svg>"
)
FLASHES = PAGE.replace("in attacks", "in get_flashed_messages()")
NOT_FOUND = (
    "<!doctype html><title>{{ request.path }}</title>"
    '<p title="{{ request.url }}">{{ request.path }}</p>'
)

HTML, XML, SVG = "text/html", "application/xhtml+xml", "image/svg+xml"
HTML_NAMES = [
    *("page.html", "page.htm", "page.HTML", "page", "folder.txt/page"),
    *("page.html.jinja", "page.html.jinja2", "page.html.j2", "page.html.tmpl"),
    *("page.html.tpl", "page.htm.j2", "page.HTML.J2"),
    *("page.jinja", "page.jinja2", "page.j2", "page.tmpl", "page.tpl"),
]
XML_NAMES = ["page.xhtml", "page.xml", "page.xhtml.j2", "page.xml.jinja"]
SVG_NAMES = ["drawing.svg", "drawing.SVG", "drawing.svg.j2"]

MARK_ALERTS = "window.alert = (text) => { window.top.__pwned = `alert ${text}` }"
DESCRIBE = """
const describe = (doc) => {
  const all = [...doc.querySelectorAll("*")];
  const others = NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_PROCESSING_INSTRUCTION
    | NodeFilter.SHOW_CDATA_SECTION;
  const walker = doc.createTreeWalker(doc, others);
  let strays = 0;
  while (walker.nextNode()) strays += 1;
  const tag = (node) =>
    [node.localName, ...node.getAttributeNames().toSorted()].join(" ");
  return {
    tags: all.map(tag),
    texts: all.map((node) => node.textContent),
    titles: all.map((node) => node.getAttribute("title")),
    langs: all.map((node) => node.getAttribute("lang")),
    values: all.map((node) => node.getAttribute("data-json")),
    strays,
  };
};
"""
READ_PAGE = f"""{DESCRIBE}
return {{
  ...describe(document), seen: window.seen ?? [], pwned: window.__pwned ?? null
}};
"""
READ_FRAMES = f"""{DESCRIBE}
const [urls, done] = arguments;
const open = (url) => new Promise((read) => {{
  const frame = document.createElement("iframe");
  frame.onload = () => read(describe(frame.contentDocument));
  frame.src = url;
  document.body.append(frame);
}});
Promise.all(urls.map(open)).then((pages) => done([pages, window.__pwned ?? null]));
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the app that is attacked, and return its address."""
    app = make_app(tmp_path_factory.mktemp("attacked"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def marking_browser(started_browser: WebDriver) -> WebDriver:
    """Return a browser in which every document marks the window if it alerts."""
    command = "Page.addScriptToEvaluateOnNewDocument"
    started_browser.execute_cdp_cmd(command, {"source": MARK_ALERTS})
    return started_browser


def make_app(folder: Path) -> App:
    pages = dict.fromkeys([*HTML_NAMES, *XML_NAMES, "unsafe.txt"], PAGE)
    pages |= dict.fromkeys(SVG_NAMES, DRAWING)
    pages |= {"flashes.html": FLASHES, "not_found.html": NOT_FOUND}
    for name, source in pages.items():
        path = folder / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    app = App("attacked", root_path=str(folder))
    # Debug mode, as there an error page tells the most, and no debugger around it.
    app.debug = True
    app.config.update(SECRET_KEY="for this test only", TRAP_BAD_REQUEST_ERRORS=False)
    add_pages(app)
    add_errors(app)
    return app


def add_pages(app: App) -> None:
    @app.get("/page/<path:name>")
    def page(name: str) -> Response:
        mimetype = request.args["type"]
        attacks = ATTACKS if mimetype == HTML else XML_ATTACKS
        return Response(render_template(name, attacks=attacks), mimetype=mimetype)

    @app.get("/unsafe")
    def unsafe() -> Response:
        attack = "<img src='x' onerror='alert(1)'>"
        return Response(render_template("unsafe.txt", attacks=[attack]), mimetype=HTML)

    app.add_url_rule("/blank", "blank", lambda: "<!doctype html><body>")
    app.add_url_rule(
        "/string", "string", lambda: render_template_string(PAGE, attacks=ATTACKS)
    )
    app.add_url_rule(
        "/stream", "stream", lambda: stream_template("page.html", attacks=ATTACKS)
    )
    app.add_url_rule(
        "/block", "block", lambda: render_block("page.html", "all", attacks=ATTACKS)
    )

    @app.get("/flash")
    def flash_all() -> Any:
        for attack in ATTACKS:
            flash(attack)
        return redirect(url_for("flashes"))

    app.add_url_rule("/flashes", "flashes", lambda: render_template("flashes.html"))


def add_errors(app: App) -> None:
    @app.get("/abort")
    def abort_with_text() -> None:
        abort(404, description=request.args["attack"])

    @app.get("/key")
    def missing_key() -> str:
        return request.form[request.args["attack"]]

    own = Blueprint("own", __name__, url_prefix="/own")

    @own.errorhandler(404)
    def not_found(error: Exception) -> tuple[str, int]:
        return render_template("not_found.html"), 404

    app.register_blueprint(own)


def read_page(browser: WebDriver, url: str) -> dict[str, Any]:
    browser.get(url)
    found: dict[str, Any] = browser.execute_script(READ_PAGE)
    return found


def read_frames(
    browser: WebDriver, site: str, paths: Sequence[str]
) -> tuple[list[dict[str, Any]], object]:
    """Open each path in a frame; return what is in them, and what ran."""
    browser.get(f"{site}/blank")
    urls = [f"{site}{path}" for path in paths]
    pages, pwned = browser.execute_async_script(READ_FRAMES, urls)
    return pages, pwned


def texts_of(page: dict[str, Any], tag: str) -> list[str]:
    found = zip(page["tags"], page["texts"], strict=True)
    return [text for name, text in found if name == tag]


def of_elements_with(page: dict[str, Any], attributes: str) -> list[str]:
    return [value for value in page[attributes] if value is not None]


def assert_nothing_is_markup(
    page: dict[str, Any], frame: list[str], tags: list[str]
) -> None:
    """Check that a page has the elements of its template and no other node."""
    assert page["tags"] == frame + tags * 200
    assert page["strays"] == 0
    assert page["pwned"] is None


def assert_texts_arrived(page: dict[str, Any], text_tag: str, raw_tag: str) -> None:
    """Check the 200 texts as HTML has them: no NUL in text, a sign for it elsewhere."""
    marked = [attack.replace("\0", "\ufffd") for attack in ATTACKS]
    assert texts_of(page, text_tag) == [a.replace("\0", "") for a in ATTACKS]
    assert texts_of(page, raw_tag) == marked
    assert of_elements_with(page, "titles") == marked
    assert of_elements_with(page, "langs") == marked
    assert [json.loads(v) for v in of_elements_with(page, "values")] == [*ATTACKS]
    assert page["seen"] == [*ATTACKS]


def assert_texts_arrived_in_xml(
    page: dict[str, Any], text_tag: str, raw_tag: str
) -> None:
    """Check the 200 texts as XML has them: a line break in an attribute is a space."""
    in_attributes = [attack.replace("\n", " ") for attack in XML_ATTACKS]
    assert texts_of(page, text_tag) == XML_ATTACKS
    assert texts_of(page, raw_tag) == XML_ATTACKS
    assert of_elements_with(page, "titles") == in_attributes
    assert of_elements_with(page, "langs") == in_attributes
    assert [json.loads(v) for v in of_elements_with(page, "values")] == XML_ATTACKS
    assert page["seen"] == XML_ATTACKS


HTML_FRAME = ["html xmlns", "head", "title", "body"]
HTML_TAGS = ["p data-json lang title", "textarea", "script"]


def test_an_attack_that_is_not_escaped_is_seen(
    marking_browser: WebDriver, site: str
) -> None:
    page = read_page(marking_browser, f"{site}/unsafe")
    frames, pwned = read_frames(marking_browser, site, ["/unsafe"])

    assert page["pwned"] == "alert 1"
    assert pwned == "alert 1"
    assert "img onerror src" in page["tags"]
    assert "img onerror src" in frames[0]["tags"]


def test_the_attacks_are_200_different_ones() -> None:
    assert len(ATTACKS) == len(set(ATTACKS)) == 200


@pytest.mark.parametrize(
    "path",
    [*(f"/page/{name}?type={HTML}" for name in HTML_NAMES), "/string", "/stream"],
)
def test_no_attack_gets_out_of_a_page_in_html(
    marking_browser: WebDriver, site: str, path: str
) -> None:
    page = read_page(marking_browser, site + path)

    assert_nothing_is_markup(page, HTML_FRAME, HTML_TAGS)
    assert_texts_arrived(page, HTML_TAGS[0], "textarea")


def test_no_attack_gets_out_of_a_block(marking_browser: WebDriver, site: str) -> None:
    page = read_page(marking_browser, f"{site}/block")

    assert_nothing_is_markup(page, ["html", "head", "body"], HTML_TAGS)
    assert_texts_arrived(page, HTML_TAGS[0], "textarea")


@pytest.mark.parametrize("mimetype", [XML, "application/xml"])
@pytest.mark.parametrize("name", XML_NAMES)
def test_no_attack_gets_out_of_an_xml_document(
    marking_browser: WebDriver, site: str, name: str, mimetype: str
) -> None:
    url = f"{site}/page/{name}?type={quote(mimetype)}"
    page = read_page(marking_browser, url)

    assert_nothing_is_markup(page, HTML_FRAME, HTML_TAGS)
    assert_texts_arrived_in_xml(page, HTML_TAGS[0], "textarea")


@pytest.mark.parametrize("name", SVG_NAMES)
def test_no_attack_gets_out_of_a_drawing(
    marking_browser: WebDriver, site: str, name: str
) -> None:
    page = read_page(marking_browser, f"{site}/page/{name}?type={quote(SVG)}")

    tags = ["text data-json lang title", "desc", "script"]
    assert_nothing_is_markup(page, ["svg xmlns"], tags)
    assert_texts_arrived_in_xml(page, tags[0], "desc")


def test_no_flashed_attack_gets_out_of_the_page_after_it(
    marking_browser: WebDriver, site: str
) -> None:
    page = read_page(marking_browser, f"{site}/flash")

    assert marking_browser.current_url == f"{site}/flashes"
    assert_nothing_is_markup(page, HTML_FRAME, HTML_TAGS)
    assert_texts_arrived(page, HTML_TAGS[0], "textarea")


def test_no_description_of_an_error_becomes_markup(
    marking_browser: WebDriver, site: str
) -> None:
    paths = [f"/abort?attack={quote(attack, safe='')}" for attack in ATTACKS]

    pages, pwned = read_frames(marking_browser, site, paths)

    assert pwned is None
    # An error page shows each line break of its description as one.
    assert [page["tags"] for page in pages] == [
        ["html lang", "head", "title", "body", "h1", "p", *["br"] * attack.count("\n")]
        for attack in ATTACKS
    ]
    assert [page["strays"] for page in pages] == [0] * 200
    assert [page["texts"][5] for page in pages] == [
        attack.replace("\n", "").replace("\0", "") for attack in ATTACKS
    ]


def test_no_missing_key_becomes_markup_in_debug_mode(
    marking_browser: WebDriver, site: str
) -> None:
    paths = [f"/key?attack={quote(attack, safe='')}" for attack in ATTACKS]

    pages, pwned = read_frames(marking_browser, site, paths)

    assert pwned is None
    tags = ["html lang", "head", "title", "body", "h1", "p", "br"]
    assert [page["tags"] for page in pages] == [tags] * 200
    assert [page["strays"] for page in pages] == [0] * 200
    assert [page["texts"][5].partition("KeyError: ")[2] for page in pages] == [
        repr(attack) for attack in ATTACKS
    ]


def test_no_url_that_leads_nowhere_becomes_markup(
    marking_browser: WebDriver, site: str
) -> None:
    paths = [f"/missing/{quote(attack, safe='')}" for attack in ATTACKS]

    pages, pwned = read_frames(marking_browser, site, paths)

    assert pwned is None
    # In debug mode, routes that come near stand on the page, each in a line.
    tags = {"html lang", "head", "title", "body", "h1", "p", "br"}
    assert {tag for page in pages for tag in page["tags"]} == tags
    assert [page["tags"].count("p") for page in pages] == [1] * 200
    assert {page["texts"][4] for page in pages} == {"Not Found"}


def test_no_url_becomes_markup_on_an_error_page_that_shows_it(
    marking_browser: WebDriver, site: str
) -> None:
    paths = [f"/own/{quote(attack, safe='')}" for attack in ATTACKS]

    pages, pwned = read_frames(marking_browser, site, paths)

    assert pwned is None
    tags = ["html", "head", "title", "body", "p title"]
    assert [page["tags"] for page in pages] == [tags] * 200
    assert [page["strays"] for page in pages] == [0] * 200
    assert [page["texts"][4] for page in pages] == [
        f"/own/{attack}".replace("\0", "") for attack in ATTACKS
    ]
