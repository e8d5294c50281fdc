"""What users and models write is text on every page, whatever it looks like."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.doors.console.views.hostile_text import mark_quotes, mark_spans, shorten_text, show_text
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, post, turn
from tests.doors.console.conftest import Browser, parsed, text_of

MARK = "xq7"  # every text below has it, so that a page is known to show the text
TEXTS = {
    "script": f"<script>alert('{MARK}')</script>",
    "closed script": f"</script><script src=//evil.example/{MARK}></script>",
    "image": f"<img src=x onerror=alert('{MARK}')>",
    "svg": f"<svg onload=alert('{MARK}')><animate onbegin=alert(1)></svg>",
    "svg text": f"</text></svg><script>{MARK}</script>",
    "double quote": f'" autofocus onfocus="alert({MARK})" x="',
    "single quote": f"' onmouseover='alert({MARK})' x='",
    "backtick": f"`onerror=alert({MARK})`",
    "template": "{{ 7919 * 7927 }} {{ visit.session.csrf_token }} " + MARK,
    "template statement": "{% for x in ().__class__.__base__.__subclasses__() %}" + MARK + "{% endfor %}",
    "template comment": "{# " + MARK + " #}",
    "javascript link": f"javascript:alert('{MARK}')",
    "anchor": f"<a href=\"javascript:alert('{MARK}')\">click</a>",
    "data link": f"data:text/html,<script>{MARK}</script>",
    "htmx": f'<div hx-get="/console/logout" hx-trigger="load" {MARK}></div>',
    "htmx on": f'<p hx-on:click="alert(1)" data-hx-post="/console/erase" hx-on--load="{MARK}">',
    "swap out of band": f'<div hx-swap-oob="true" id="main">{MARK}</div><hx-partial hx-target="#main">',
    "style": f"<style>body{{display:none}}</style>{MARK}",
    "base": f"<base href=//evil.example/>{MARK}",
    "meta": f'<meta http-equiv="refresh" content="0;url=//evil.example/{MARK}">',
    "iframe": f'<iframe srcdoc="<script>{MARK}</script>"></iframe>',
    "form": f"</form><form action=//evil.example><button>{MARK}</button>",
    "comment": f"<!-- {MARK} --><!--[if IE]><script></script><![endif]-->",
    "CDATA": f"<![CDATA[<script>{MARK}</script>]]>",
    "entities": f"&lt;script&gt;{MARK}&#60;b&#62;&quot;",
    "closed elements": f"</bdi></p></section></main></body></html><h1>{MARK}",
    "right to left": f"\u202eevil\u202c {MARK} \u2066gnp.exe\u2069 \u200fabc",
    "controls": f"\x01\x1b[31m{MARK}\x7f\u2028\u2029\u200b",
    "tags": f"{MARK}\U000e0041\U000e0042\U000e007f",
    "marks": "Z" + "\u0301\u0310" * 200 + MARK,
    "wide": f"{MARK} 我住在奥斯陆 👩\u200d👩\u200d👧\u200d👦 ｓｃｒｉｐｔ ‹script›",
    "long word": MARK + "x" * (64 * 1024 - len(MARK)),
    "many lines": f"{MARK}\n" * 2_000,
    "unclosed": f"<{MARK} <a href='",
    "null-like": f"%00 \\0 \\u003cscript\\u003e {MARK}",
    "json": '{"content": "</script>", "' + MARK + '": 1}',
}
ALLOWED_TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "header",
        "nav",
        "main",
        "section",
        "article",
    ),
    *(
        "a",
        "img",
        "form",
        "label",
        "input",
        "select",
        "option",
        "button",
        "kbd",
        "code",
        "pre",
        "mark",
        "small",
    ),
    *(
        "h1",
        "h2",
        "h3",
        "p",
        "div",
        "span",
        "strong",
        "bdi",
        "time",
        "br",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "dialog", "details", "summary", "article", "small", "br"),
    *("svg", "rect", "line", "text", "circle"),
}
HTMX = {"hx-get", "hx-post", "hx-trigger", "hx-target", "hx-select", "hx-swap", "hx-push-url"}


@pytest.fixture(scope="module")
def hostile(resources: Resources) -> Iterator[tuple[TestClient, Browser]]:
    """A tenant in which one user says and remembers all of the texts."""
    tenant = "hostile-console"
    with client_of(app_of(resources), make_key(resources, tenant)) as client:
        browser = Browser(resources)
        browser.log_in(make_key(resources, tenant))
        yield client, browser
        browser.http.close()


def check(page: Any) -> None:
    """No element and no attribute comes from a text."""
    assert page.status_code == 200
    for tag, attributes in parsed(page).tags:
        assert tag in ALLOWED_TAGS, tag
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in {"style", "srcdoc", "autofocus"} or tag == "input", (tag, name)
            if name.startswith(("hx-", "data-hx-")):
                assert tag in {"form", "input"}, (tag, name)
                assert name in HTMX
            if name in {"href", "src", "action"} or name in {"hx-get", "hx-post"}:
                assert str(value).startswith(("/console", "#main", "/docs")), (tag, name, value)
    scripts = [a.get("src") for tag, a in parsed(page).tags if tag == "script"]
    assert all(str(src).startswith("/console/static/") for src in scripts)
    assert "{{" not in page.text or "7919 * 7927" in page.text
    assert "62773913" not in text_of(page)


@pytest.mark.parametrize("name", TEXTS)
class TestPages:
    def test_show_what_was_said_as_text(self, hostile: tuple[TestClient, Browser], name: str):
        client, browser = hostile
        said = TEXTS[name]
        user = f"said {list(TEXTS).index(name)}"
        posted = post(client, turn(said, name="<b>Eve</b>", metadata={"<i>": said[:900]}), user=user)
        for path in (
            f"/turns?user={user}",
            f"/turns/{posted['turn_ids'][0]}",
            f"/jobs/{posted['job_id']}",
            f"/user?user={user}",
        ):
            page = browser.http.get(f"/console{path}")
            check(page)
        page = browser.http.get(f"/console/turns/{posted['turn_ids'][0]}")
        assert MARK in text_of(page)

    def test_show_what_is_remembered_as_text(self, hostile: tuple[TestClient, Browser], name: str):
        client, browser = hostile
        content = TEXTS[name][:4_000]
        user = f"kept {list(TEXTS).index(name)}"
        short = "".join(c for c in content[:150] if c.isprintable()).strip() or MARK
        slot = {"subject": short, "attribute": "x" + MARK, "value": short}
        body = {"user_id": user, "content": content, "tags": [short], "entities": [short], **slot}
        answer = client.post("/v1/memories", json=body)
        assert answer.status_code == 201, answer.text
        memory_id = answer.json()["id"]
        for path in (
            f"/memories?user={user}",
            f"/memories/{memory_id}",
            f"/timeline?user={user}",
            f"/entities?user={user}",
            f"/conflicts?user={user}",
            f"/user?user={user}",
        ):
            check(browser.http.get(f"/console{path}"))
        assert MARK in text_of(browser.http.get(f"/console/memories/{memory_id}"))
        for path in ("/search", "/context"):
            page = browser.post(path, user=user, q=content[:3_000])
            check(page)
            assert MARK in text_of(page)

    def test_show_it_as_an_id_of_a_session(self, hostile: tuple[TestClient, Browser], name: str):
        client, browser = hostile
        user = f"session {list(TEXTS).index(name)}"
        body = {"user_id": user, "session_id": TEXTS[name][:150], "turns": [turn("Hello.")]}
        if client.post("/v1/turns", json=body).status_code == 202:
            check(browser.http.get(f"/console/user?user={user}"))
            check(browser.http.get(f"/console/turns?user={user}"))
            check(browser.http.get("/console/turns", params={"user": user, "session": TEXTS[name][:150]}))

    def test_show_it_as_an_id_of_a_user(self, hostile: tuple[TestClient, Browser], name: str):
        client, browser = hostile
        user = TEXTS[name][:150]
        body = {"user_id": user, "session_id": "s", "turns": [turn("Hello.")]}
        if client.post("/v1/turns", json=body).status_code == 202:
            for path in ("/user", "/turns", "/memories", "/search", "/erase"):
                check(browser.http.get(f"/console{path}", params={"user": user}))
        check(browser.http.get("/console/users"))


def test_an_error_that_quotes_the_query_quotes_it_as_text(hostile: tuple[TestClient, Browser]):
    _, browser = hostile
    for said in TEXTS.values():
        page = browser.http.get("/console/users", params={said[:200].replace("\x00", ""): "1"})
        assert page.status_code == 422
        page.status_code = 200
        check(page)


class TestShowText:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("a<b>", "a&lt;b&gt;"),
            ("\u202e", '<span class="hidden-character">U+202E</span>'),
            ("a\u2066b", 'a<span class="hidden-character">U+2066</span>b'),
            ("\x1b[0m", '<span class="hidden-character">U+001B</span>[0m'),
            ("a\r\nb\tc", "a\r\nb\tc"),
            ("\u200d\u200c\u0301", "\u200d\u200c\u0301"),
            ("", ""),
        ],
    )
    def test_escapes_and_names_what_is_hidden(self, text: str, shown: str):
        assert show_text(text) == shown

    def test_is_linear(self):
        parser = HTMLParser()
        parser.feed(show_text("\u202e<" * 32_000))

    @pytest.mark.parametrize("text", ["a b", "a\n\n b", " a  b ", "x" * 5_000, "我" * 3_000, ""])
    def test_is_shortened_to_one_line(self, text: str):
        short = shorten_text(text, 100)
        assert len(short) <= 100
        assert "\n" not in short
        assert short.endswith("…") == (len(text) > 100)


class TestMarks:
    @pytest.mark.parametrize(
        ("content", "quotes", "marked"),
        [
            ("I live in Oslo.", ["live in Oslo"], ["live in Oslo"]),
            ("I live\n in  Oslo.", ["I live in Oslo"], ["I live\n in  Oslo"]),
            ("I LIVE in Oslo.", ["i live"], ["I LIVE"]),
            ("abcdef", ["abc", "bcd"], ["abc", "d"]),
            ("abcdef", ["bcd", "abcdef"], ["abcdef"]),
            ("abc", ["x", "", "  "], []),
            ("a.*b", [".*"], [".*"]),
            ("", ["a"], []),
        ],
    )
    def test_find_the_quotes(self, content: str, quotes: list[str], marked: list[str]):
        parts = mark_quotes(content, quotes)
        assert [words for words, is_marked in parts if is_marked] == marked
        assert "".join(words for words, _ in parts) == content

    def test_of_spans_stay_within_the_text(self):
        assert mark_spans("abc", [(2, 9), (-1, 1), (5, 7), (1, 1)]) == [
            ("a", True),
            ("b", False),
            ("c", True),
        ]
