"""Every screen of the console in Chromium: light, dark and narrow, by keyboard, with hostile text."""

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.conftest import Service
from tests.clients.console.story import DISPUTED, USER, post_story
from tests.clients.environments import node_environment

CHROMIUM = "/usr/bin/chromium"
SCREENS = (
    *("login", "overview", "users", "user", "turns", "turn", "memories", "memory", "timeline", "conflicts"),
    *("entities", "search", "context", "jobs", "job", "usage", "keys", "new key", "erase", "erasures"),
    *("missing", "receipt"),
)
MODES = ("light", "dark", "mobile")
HOSTILE = (
    "<script>alert('said')</script>",
    "<img src=x onerror=alert('said')>",
    "\"><svg onload=alert('said')>",
    "</bdi></p></main><h1>said</h1>",
    "{{ 7 * 7 }}{% include 'base.html' %}",
    '<div hx-get="/console/erasures" hx-trigger="load" hx-target="#main">said</div>',
    "<p hx-on:load=\"alert('said')\">",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.example/x.css>",
    "<a href=javascript:alert('said')>said</a>",
    "\u202eevil\u202c\u2066",
    "said" + "x" * 60_000,
)


def screens_of(http: httpx.Client, story: dict[str, Any], folder: Path, mode: str) -> list[dict[str, Any]]:
    """A step for each screen of somebody who is logged in."""
    turn = http.get("/v1/turns", params={"user_id": USER}).json()["items"][0]
    memory = next(one for one in story["memories"] if one["attribute"] == "residence")
    pages = {
        "overview": "",
        "users": "/users",
        "user": f"/user?user={USER}",
        "turns": f"/turns?user={USER}",
        "turn": f"/turns/{turn['id']}",
        "memories": f"/memories?user={USER}",
        "memory": f"/memories/{memory['id']}",
        "timeline": f"/timeline?user={USER}",
        "conflicts": f"/conflicts?user={DISPUTED}",
        "entities": f"/entities?user={USER}",
        "jobs": "/jobs",
        "job": f"/jobs/{turn['job_id']}",
        "usage": "/usage",
        "keys": "/keys",
        "erase": f"/erase?user={USER}",
        "erasures": "/erasures",
        "missing": f"/user?user={USER}-nobody",
    }
    shown = {"turns": ".made li", "memory": "mark", "conflicts": ".sides button", "entities": ".graph a"}
    shown["usage"] = "canvas"
    steps = [
        {"name": name, "path": f"/console{path}", "actions": [["wait", shown.get(name, "h1")]]}
        for name, path in pages.items()
    ]
    asked: list[list[str]] = [["fill", "#q", "Where does Ann live now?"], ["press", "Enter"]]
    opened = [["wait", ".item"], ["click", ".item summary"]]
    steps.append({"name": "search", "path": f"/console/search?user={USER}", "actions": asked + opened})
    steps.append(
        {
            "name": "context",
            "path": f"/console/context?user={USER}",
            "actions": [*asked, ["wait", "pre.context"]],
        }
    )
    made = [["fill", "#name", f"of a browser, {mode}"], ["click", ".grid-form button"], ["wait", "#new-key"]]
    steps.append({"name": "new key", "path": "/console/keys", "actions": made})
    gone = f"gone-{mode}"
    http.post("/v1/memories", json={"user_id": gone, "content": "Something."}).raise_for_status()
    erased = [
        ["fill", "#confirm", gone],
        ["click", "button.danger"],
        ["path", "/console/erase"],
        ["wait", ".facts"],
    ]
    steps.append({"name": "receipt", "path": f"/console/erase?user={gone}", "actions": erased})
    return [step | {"shot": str(folder / f"{mode}-{step['name'].replace(' ', '-')}.png")} for step in steps]


HIDDEN = "[...document.querySelectorAll('.click')].every((one) => getComputedStyle(one).display === 'none')"
THEME = "document.documentElement.dataset.theme"
GROUND = "getComputedStyle(document.body).backgroundColor"
CLOSED = "!document.querySelector('dialog').open"
PATH_LATER = "new Promise((done) => setTimeout(() => done(location.pathname), 500))"
ONE_ROW = "#results tbody tr:only-child"
# What somebody without a mouse does, by name: the page, and the actions there.
WALK: dict[str, tuple[str, list[list[str]]]] = {
    "skip link": ("", [["press", "Tab"], ["focus"], ["press", "Enter"], ["focus"]]),
    "go to users": ("", [["press", "g"], ["press", "u"], ["path", "/console/users"]]),
    "go to turns": (f"/user?user={USER}", [["press", "g"], ["press", "t"], ["path", "/console/turns"]]),
    "slash": ("/users", [["press", "/"], ["focus"]]),
    "filter": ("/users", [["type", "#prefix", "chi"], ["wait", ONE_ROW], ["text", "#results"], ["focus"]]),
    "rows": (
        "/users",
        [
            *[["press", "j"], ["press", "j"], ["focus"], ["press", "k"], ["focus"]],
            *[["press", "Enter"], ["path", "/console/user"]],
        ],
    ),
    "list of shortcuts": (
        "",
        [["press", "?"], ["wait", "dialog[open]"], ["press", "Escape"], ["evaluate", CLOSED]],
    ),
    "search": (
        f"/search?user={USER}",
        [
            *[["press", "/"], ["type", "#q", "Where does Ann live?"], ["press", "Enter"], ["wait", ".item"]],
            *[["click", ".item .click button"], ["wait", "#feedback.done"], ["text", "#feedback"]],
            ["evaluate", HIDDEN],
        ],
    ),
    "dark": ("", [["click", "#theme-toggle"], ["evaluate", THEME], ["evaluate", GROUND]]),
    "still dark": ("/users", [["evaluate", THEME]]),
    "shortcuts off": (
        "/jobs",
        [
            *[["press", "?"], ["wait", "dialog[open]"], ["click", "#shortcuts-on"], ["press", "Escape"]],
            *[["press", "g"], ["press", "u"], ["evaluate", PATH_LATER]],
        ],
    ),
}


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def seen(service: Service, shots: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """What the browser saw, by (mode, name of the step); it is started once."""
    with service.http() as http:
        story = post_story(http)
        for said in HOSTILE:
            turn = {"role": "user", "content": said}
            turn["name"] = "".join(c for c in said[:100] if c.isprintable()) or None
            body = {"user_id": "eve", "session_id": "s", "turns": [turn]}
            http.post("/v1/turns", json=body).raise_for_status()
            http.post("/v1/memories", json={"user_id": "eve", "content": said[:4_000]}).raise_for_status()
        reader = http.post("/v1/keys", json={"name": "reader", "scopes": ["read"]}).json()["key"]
        bound = http.post("/v1/keys", json={"name": "bound", "scopes": ["read"], "user_id": USER}).json()[
            "key"
        ]
        visits: list[dict[str, Any]] = [
            {"mode": mode, "key": None, "steps": [{"name": "login", "path": "/console/login"}]}
            for mode in MODES
        ]
        visits += [
            {"mode": mode, "key": service.key, "steps": screens_of(http, story, shots, mode)}
            for mode in MODES
        ]
    eve = [
        {"name": f"hostile {path}", "path": f"/console/{path}?user=eve"}
        for path in ("user", "turns", "memories", "timeline", "entities")
    ]
    walk = [
        {"name": name, "path": f"/console{path}", "actions": actions, "axe": False}
        for name, (path, actions) in WALK.items()
    ]
    asked = [["fill", "#q", "said"], ["press", "Enter"], ["wait", ".item"]]
    eve.append({"name": "hostile search", "path": "/console/search?user=eve", "actions": asked})
    visits += [
        {"mode": "light", "key": service.key, "steps": [*eve, *walk]},
        {
            "mode": "light",
            "key": reader,
            "steps": [{"name": "read only", "path": f"/console/conflicts?user={DISPUTED}"}],
        },
        {"mode": "light", "key": bound, "steps": [{"name": "bound", "path": "/console"}]},
    ]
    modules = node_environment("console")
    plan = {"url": service.url, "modules": str(modules), "chromium": CHROMIUM, "visits": visits}
    done = subprocess.run(
        ["node", str(Path(__file__).parent / "browser.mjs")],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    return {(answer["mode"], answer["name"]): answer for answer in json.loads(done.stdout)}


Seen = dict[tuple[str, str], dict[str, Any]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SCREENS)
class TestScreens:
    def test_have_no_faults(self, seen: Seen, name: str, mode: str):
        missing = ["console: Failed to load resource: the server responded with a status of 404 (Not Found)"]
        assert seen[mode, name]["faults"] == (missing if name == "missing" else [])

    def test_are_accessible(self, seen: Seen, name: str, mode: str):
        assert seen[mode, name]["axe"] == []

    def test_fit_the_width(self, seen: Seen, name: str, mode: str):
        assert seen[mode, name]["overflow"] <= 0

    def test_keep_the_key_from_scripts(self, seen: Seen, service: Service, name: str, mode: str):
        for kept in (seen[mode, name]["storage"], seen[mode, name]["cookie"]):
            assert service.key not in kept
            assert "memcubed_console" not in kept


class TestHostileText:
    @pytest.mark.parametrize("path", ["user", "turns", "memories", "timeline", "entities", "search"])
    def test_does_nothing(self, seen: Seen, path: str):
        answer = seen["light", f"hostile {path}"]
        assert answer["faults"] == []
        assert answer["overflow"] <= 0
        assert answer["path"] == f"/console/{path}"


class TestKeyboard:
    @pytest.fixture
    def at(self, seen: Seen) -> Any:
        def steps(name: str) -> list[Any]:
            answer = seen["light", name]
            assert answer["faults"] == []
            return answer["seen"]

        return steps

    def test_the_first_stop_skips_to_the_content(self, at: Any):
        link, main = at("skip link")
        assert (link["text"], link["outline"], main["id"]) == ("Skip to content", True, "main")

    def test_letters_lead_to_pages(self, at: Any, seen: Seen):
        assert at("go to users") == at("go to turns") == []

    def test_a_slash_leads_to_the_search(self, at: Any):
        assert at("slash")[0]["id"] == "prefix"

    def test_a_filter_leaves_the_focus_where_it_is(self, at: Any):
        told, focus = at("filter")
        assert "chiara@example.org" in told
        assert USER not in told.split()
        assert focus["id"] == "prefix"

    def test_rows_are_walked_through_and_opened(self, at: Any):
        second, first = at("rows")
        assert (first["tag"], first["outline"], second["outline"]) == ("A", True, True)
        assert first["text"] != second["text"]

    def test_the_list_of_shortcuts_opens_and_closes(self, at: Any):
        assert at("list of shortcuts") == [True]

    def test_a_click_is_feedback(self, at: Any):
        told, others_are_hidden = at("search")
        assert "Stored: one item answered" in told
        assert others_are_hidden

    def test_the_theme_changes_and_stays(self, at: Any):
        theme, ground = at("dark")
        assert (theme, ground) == ("dark", "rgb(18, 20, 22)")
        assert at("still dark") == ["dark"]

    def test_shortcuts_can_be_turned_off(self, at: Any):
        assert at("shortcuts off") == ["/console/jobs"]


class TestKeys:
    def test_that_read_see_no_buttons(self, seen: Seen):
        assert seen["light", "read only"]["faults"] == []
        assert seen["light", "read only"]["axe"] == []

    def test_that_are_bound_go_to_their_user(self, seen: Seen):
        assert seen["light", "bound"]["path"] == "/console/user"
        assert seen["light", "bound"]["axe"] == []
