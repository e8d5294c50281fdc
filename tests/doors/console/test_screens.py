"""Each screen of the console over HTTP: what it shows, what it changes, and what it keeps from whom."""

import re
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.core.vocabulary import LlmPurpose
from app.doors.console.rendering import build_url
from app.llm.client import Usage
from app.resources import Resources
from app.services.platform.llm_usage import record_llm_usage
from tests.conftest import app_of, client_of, make_key, post, principal_of, remember, turn
from tests.doors.console.conftest import Browser, Visitor, csrf_of, error_of, parsed, text_of

SLOT = {"subject": "Ann", "attribute": "residence"}
MOVED = turn("I moved to Bergen.", name="Ann", ref="m2", observed_at="2026-03-10T10:00:00Z")


def add(client: TestClient, content: str, user: str = "ann", **values: Any) -> str:
    answer = client.post("/v1/memories", json={"user_id": user, "content": content} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def fail_jobs(owner: Engine, tenant: str, status: str, error: str) -> None:
    """Bring the tenant's jobs to an end that a worker brings them to only after hours."""
    with owner.begin() as connection:
        values = {"t": tenant, "s": status, "e": error}
        for statement in (
            "UPDATE jobs SET status = :s, error = :e, finished_at = now() WHERE tenant_id = :t",
            "UPDATE turns SET state = 'failed', state_reason = :e WHERE tenant_id = :t",
        ):
            connection.execute(text(statement), values)


class TestUsers:
    def test_are_listed_with_counts(self, client: TestClient, admin: Browser):
        post(client, turn("Hello."), turn("Good day."), user="ann")
        add(client, "Ben likes tea.", user="ben")
        page = admin.get("/users")
        assert "2 users" in text_of(page)
        assert re.search(
            r"ann</bdi></a></td><td class=\"number\">1</td><td class=\"number\">2</td>", page.text
        )

    def test_are_found_by_the_beginning_of_their_id(self, client: TestClient, admin: Browser):
        for user in ("ann", "anton", "ben"):
            add(client, "Something.", user=user)
        told = text_of(admin.get("/users", prefix="an"))
        assert "2 users" in told
        assert "anton" in told
        assert "ben" not in told
        assert "No id begins with “zz”" in text_of(admin.get("/users", prefix="zz"))

    def test_have_pages(self, client: TestClient, admin: Browser):
        for number in range(53):
            add(client, "Something.", user=f"u{number:02}")
        first = admin.get("/users")
        following = next(a["href"] for tag, a in parsed(first).tags if tag == "a" and a.get("rel") == "next")
        second = admin.http.get(str(following))
        assert "u50" not in text_of(first)
        assert "u52" in text_of(second)

    @pytest.mark.parametrize("user", ["ann", "a/b c", "дмитрий", "a?b=c&d", "x" * 200, "100%", "#1", "a+b"])
    def test_have_a_page_whatever_their_id(self, client: TestClient, admin: Browser, user: str):
        post(client, turn("I live in Oslo."), user=user, session="s 1/2")
        page = admin.http.get(build_url("/user", user=user))
        assert page.status_code == 200
        link = next(str(a["href"]) for tag, a in parsed(page).tags if "session=" in (a.get("href") or ""))
        assert "I live in Oslo." in text_of(admin.http.get(link))

    def test_that_are_not_there_say_so(self, admin: Browser):
        page = admin.get("/user", user="nobody")
        assert page.status_code == 404
        assert "Nothing is stored for this user." in text_of(page)


class TestTurns:
    def test_that_wait_say_for_what(self, without: Any):
        client, browser, _ = without
        post(client, turn("I live in Oslo."))
        told = text_of(browser.get("/turns", user="ann"))
        assert "pending waits for stage" in told

    @pytest.mark.usefixtures("worker")
    def test_that_became_memories_list_them(self, client: TestClient, admin: Browser):
        remember(client, turn("I live in Oslo and I am allergic to nuts.", name="Ann"))
        told = text_of(admin.get("/turns", user="ann"))
        assert "Ann lives in Oslo" in told
        assert "Ann is allergic to nuts" in told
        assert "2 memories" in told

    @pytest.mark.usefixtures("worker")
    @pytest.mark.parametrize(
        ("said", "role", "expected"),
        [
            ("Hello there!", "user", "nothing kept no statement worth keeping"),
            ("You are a helpful bot.", "system", "nothing kept a system turn is never extracted"),
            ("My password is hunter2-and-more.", "user", "refused"),
        ],
    )
    def test_that_became_nothing_say_why(
        self, client: TestClient, admin: Browser, said: str, role: str, expected: str
    ):
        remember(client, turn(said, role=role))
        assert expected in text_of(admin.get("/turns", user="ann"))

    @pytest.mark.parametrize(("status", "label"), [("dead", "dead job"), ("failed", "failed job")])
    def test_of_a_job_that_failed_say_so(self, without: Any, idle_owner: Engine, status: str, label: str):
        client, browser, tenant = without
        post(client, turn("I live in Oslo."))
        fail_jobs(idle_owner, tenant, status, "the model said no")
        told = text_of(browser.get("/turns", user="ann"))
        assert f"{label} the model said no" in told

    @pytest.mark.usefixtures("worker")
    def test_are_filtered_by_session_and_outcome(self, client: TestClient, admin: Browser):
        remember(client, turn("I live in Oslo."), session="one")
        remember(client, turn("Hello!"), session="two")
        assert "1 turn, in their order" in text_of(admin.get("/turns", user="ann", session="two"))
        assert "I live in Oslo." not in text_of(admin.get("/turns", user="ann", state="nothing"))

    @pytest.mark.usefixtures("worker")
    def test_show_the_words_that_became_memories(self, client: TestClient, admin: Browser):
        job = remember(client, turn("Hm, well. I live in Oslo. Bye!"))
        page = admin.get(f"/turns/{job['turns'][0]['turn_id']}")
        assert re.search(r"Hm, well\. <mark>I live in Oslo\.?</mark>\.? Bye!", page.text)


@pytest.fixture
def without(idle: Resources, tenant: str) -> Any:
    """(client, browser, tenant) of a database that no worker looks at."""
    with client_of(app_of(idle), make_key(idle, tenant)) as client:
        browser = Browser(idle)
        browser.log_in(make_key(idle, tenant))
        yield client, browser, tenant


class TestMemories:
    @pytest.mark.usefixtures("worker")
    def test_show_sources_versions_and_the_timeline_of_the_slot(self, client: TestClient, admin: Browser):
        remember(client, turn("I live in Oslo.", name="Ann", observed_at="2026-01-10T10:00:00Z"))
        remember(client, turn("Big news: I moved to Bergen.", name="Ann", observed_at="2026-03-10T10:00:00Z"))
        items = client.get(
            "/v1/memories",
            params={"user_id": "ann", "attribute": "residence", "status": ["superseded", "activated"]},
        ).json()["items"]
        old = next(one for one in items if one["status"] == "superseded")
        page = admin.get(f"/memories/{old['id']}")
        told = text_of(page)
        assert re.search(r"<mark>I live in Oslo\.?</mark>", page.text)
        assert "Who held its slot" in told
        assert "oslo" in told
        assert "bergen" in told
        assert "10 Jan 2026 – 10 Mar 2026" in told
        assert "supersede" in told
        assert page.text.count('class="bar"') == 2

    @pytest.mark.parametrize("status", ["activated", "superseded", "archived", "expired", "merged"])
    def test_are_filtered(self, client: TestClient, admin: Browser, status: str):
        add(client, "Ann likes tea.", tags=["drinks"])
        add(client, "Ann rides a bike.", kind="procedure")
        told = text_of(admin.get("/memories", user="ann", status=status))
        assert ("Ann likes tea." in told) == (status == "activated")
        assert "Ann rides" not in text_of(admin.get("/memories", user="ann", tag="drinks"))
        assert "Ann likes" not in text_of(admin.get("/memories", user="ann", kind="procedure"))

    def test_have_a_timeline(self, client: TestClient, admin: Browser):
        add(client, "Ann ran a marathon.", kind="event", form="event", event_from="2026-06-14T00:00:00Z")
        add(client, "Ann lives in Oslo.", value="Oslo", asserted_at="2020-01-01T00:00:00Z", **SLOT)
        page = admin.get("/timeline", user="ann")
        assert "2 dated memories" in text_of(page)
        assert page.text.index("Ann lives") < page.text.index("Ann ran")

    @pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "1970-01-01T00:00:00Z"])
    def test_have_a_timeline_at_the_ends_of_time(self, client: TestClient, admin: Browser, at: str):
        answer = client.post(
            "/v1/memories", json={"user_id": "ann", "content": "X", "form": "event", "event_from": at}
        )
        add(client, "Ann ran.", form="event", event_from="2026-06-14T00:00:00Z")
        assert answer.status_code in {201, 422}
        assert admin.get("/timeline", user="ann").status_code == 200


class TestConflicts:
    def test_are_decided_for_one_side(self, client: TestClient, admin: Browser, disputed: Any):
        page = admin.get("/conflicts", user="ann")
        assert "Ann lives in Paris." in text_of(page)
        assert "holds for now" in text_of(page)
        keep = next(one["memory_id"] for one in disputed["sides"] if one["value"] == "bergen")
        answer = admin.post(f"/conflicts/{disputed['id']}", user="ann", decision="keep", keep=keep)
        assert answer.headers["location"] == "/console/conflicts?user=ann&done=keep"
        after = client.get(f"/v1/memories/{keep}").json()
        assert (after["status"], after["conflicts"]) == ("activated", [])
        assert "No open conflicts." in text_of(admin.http.get(answer.headers["location"]))

    def test_are_dismissed_with_a_reason(self, client: TestClient, admin: Browser, disputed: Any):
        admin.post(f"/conflicts/{disputed['id']}", user="ann", decision="dismiss", reason="both are homes")
        assert client.get("/v1/conflicts", params={"user_id": "ann"}).json()["items"] == []
        side = disputed["sides"][0]["memory_id"]
        assert "both are homes" in text_of(admin.get(f"/memories/{side}"))

    def test_decided_once_are_gone(self, admin: Browser, disputed: Any):
        for status in (303, 404):
            assert (
                admin.post(f"/conflicts/{disputed['id']}", user="ann", decision="dismiss").status_code
                == status
            )

    @pytest.mark.parametrize(
        "form",
        [{"decision": "both"}, {"decision": "keep"}, {"decision": "keep", "keep": "x"}, {}, {"x": "1"}],
    )
    def test_are_not_decided_by_half(self, admin: Browser, disputed: Any, form: dict[str, str]):
        assert admin.post(f"/conflicts/{disputed['id']}", user="ann", **form).status_code == 422


class TestEntities:
    @pytest.mark.usefixtures("worker")
    def test_are_drawn_around_the_user(self, client: TestClient, admin: Browser):
        remember(client, turn("My sister Karin is a teacher. My boss Olga lives in Ulm.", name="Ann"))
        page = admin.get("/entities", user="ann")
        names = [a["aria-label"] for tag, a in parsed(page).tags if tag == "a" and a.get("aria-label")]
        assert any(str(name).startswith("Karin: ") and "sister" in str(name) for name in names)
        around = next(
            str(a["href"]) for tag, a in parsed(page).tags if str(a.get("aria-label")).startswith("Karin")
        )
        assert "Karin" in text_of(admin.http.get(around))

    def test_that_are_not_there_are_not_found(self, client: TestClient, admin: Browser):
        add(client, "Something.")
        assert admin.get("/entities", user="ann", entity=str(uuid4())).status_code == 404
        assert "No memory names anybody" in text_of(admin.get("/entities", user="nobody"))


class TestSearch:
    def test_explains_each_item(self, client: TestClient, admin: Browser):
        post(client, turn("I live in Oslo.", role="system"))
        add(client, "Ann lives in Oslo.")
        page = admin.post("/search", user="ann", q="Where does Ann live?")
        told = text_of(page)
        assert "Ann lives in Oslo." in told
        assert "Why:" in told
        assert re.search(r'<td>[a-z ]+</td><td class="number">-?\d\.\d{3}</td>', page.text)
        assert page.text.count('class="card item"') == 2

    def test_tells_that_it_abstains(self, client: TestClient, admin: Browser):
        add(client, "Ann lives in Oslo.")
        told = text_of(admin.post("/search", user="ann", q="What is the capital of Peru called?"))
        assert "The items hold no answer." in told

    @pytest.mark.parametrize(("kinds", "items"), [("all", 2), ("turns", 1), ("memories", 1)])
    def test_looks_where_it_is_told(self, client: TestClient, admin: Browser, kinds: str, items: int):
        post(client, turn("I live in Oslo.", role="system"))
        add(client, "Ann lives in Oslo.")
        page = admin.post("/search", user="ann", q="Oslo", kinds=kinds)
        assert page.text.count('class="card item"') == items

    def test_stores_one_click_of_feedback(self, client: TestClient, admin: Browser):
        memory_id = add(client, "Ann lives in Oslo.")
        page = admin.post("/search", user="ann", q="Where does Ann live?")
        retrieval = re.search(r'name="retrieval" value="([^"]+)"', page.text)
        assert retrieval is not None
        stored = admin.post("/feedback", retrieval=retrieval[1], cited=memory_id)
        assert "Stored: one item answered, of 1 shown." in text_of(stored)
        assert admin.post("/feedback", retrieval=retrieval[1], cited=memory_id).status_code == 200
        assert admin.post("/feedback", retrieval=retrieval[1]).status_code == 409
        assert client.get("/v1/ranker").json()["feedback"] == 1

    def test_takes_that_nothing_answered(self, client: TestClient, admin: Browser):
        add(client, "Ann lives in Oslo.")
        page = admin.post("/search", user="ann", q="Oslo")
        retrieval = re.search(r'name="retrieval" value="([^"]+)"', page.text)
        assert retrieval is not None
        assert "none of the items answered" in text_of(admin.post("/feedback", retrieval=retrieval[1]))

    @pytest.mark.parametrize(
        "form",
        [
            {"q": ""},
            {"q": " "},
            {"q": "x" * 5_000},
            {"q": "a", "k": "0"},
            {"q": "a", "k": "x"},
            {"q": "a", "kinds": "x"},
        ],
    )
    def test_refuses_what_is_no_question(self, admin: Browser, form: dict[str, str]):
        answer = admin.post("/search", user="ann", **form)
        assert answer.status_code == 422
        assert error_of(answer)

    def test_previews_a_context(self, client: TestClient, admin: Browser):
        add(client, "Ann lives in Oslo.")
        page = admin.post("/context", user="ann", q="Where does Ann live?", tokens="200", format="xml")
        told = text_of(page)
        assert "of 200 tokens" in told
        assert "Ann lives in Oslo." in told
        assert admin.post("/context", user="ann", q="x", tokens="0").status_code == 422


class TestJobs:
    @pytest.mark.parametrize("status", ["dead", "failed"])
    def test_that_failed_can_be_retried(self, without: Any, idle_owner: Engine, status: str):
        client, browser, tenant = without
        job = post(client, turn("I live in Oslo."))["job_id"]
        fail_jobs(idle_owner, tenant, status, "the model said no")
        assert f"1 {status}" in text_of(browser.get("/jobs"))
        assert "the model said no" in text_of(browser.get(f"/jobs/{job}"))
        answer = browser.post(f"/jobs/{job}/retry")
        assert answer.headers["location"] == f"/console/jobs/{job}?retried=yes"
        assert "waits for a worker again" in text_of(browser.http.get(answer.headers["location"]))
        assert client.get(f"/v1/jobs/{job}").json()["status"] == "queued"
        assert browser.post(f"/jobs/{job}/retry").status_code == 409

    def test_are_filtered(self, without: Any):
        client, browser, _ = without
        post(client, turn("I live in Oslo."))
        assert "ann" in text_of(browser.get("/jobs", status="queued"))
        assert "No such jobs." in text_of(browser.get("/jobs", status="dead"))
        assert "No such jobs." in text_of(browser.get("/jobs", user="ben"))


class TestUsage:
    def test_shows_tokens_calls_and_times_by_day(
        self, admin: Browser, client: TestClient, owner: Engine, tenant: str
    ):
        post(client, turn("Hello."))
        with owner.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO usage (tenant_id, day, llm_calls, llm_failed_calls, prompt_tokens,"
                    " completion_tokens, jobs_succeeded)"
                    " VALUES (:t, (now() AT TIME ZONE 'UTC')::date - 2, 7, 1, 12345, 678, 5)"
                ),
                {"t": tenant},
            )
            connection.execute(
                text(
                    "UPDATE jobs SET status = 'succeeded', created_at = now() - interval '2 days 9 seconds',"
                    " finished_at = now() - interval '2 days' WHERE tenant_id = :t"
                ),
                {"t": tenant},
            )
        page = admin.get("/usage", days="7")
        told = text_of(page)
        assert "12,345 prompt tokens" in told
        assert "7 LLM calls, 1 failed" in told
        assert "9.0 s" in told
        series = next(str(a["data-series"]) for tag, a in parsed(page).tags if a.get("data-series"))
        assert "12345" in series

    def test_shows_how_long_the_llm_takes(self, admin: Browser, resources: Resources, tenant: str):
        assert "The LLM was not asked in this time." in text_of(admin.get("/usage"))
        usage = Usage(41, 1, 700, 300, tuple([2.0] * 36 + [30.0] * 4), (60.0,))
        record_llm_usage(resources, principal_of(tenant), LlmPurpose.EXTRACTION, usage)
        page = admin.get("/usage", days="7")
        told = " ".join(text_of(page).split())
        assert "extraction 41 1 700 300 4.8 s 2.1 s 32.5 s 60.0 s" in told
        charts = [str(a["data-series"]) for _, a in parsed(page).tags if a.get("data-series")]
        assert "Seconds of an LLM call" in told
        assert any("2.1" in series and "32.5" in series for series in charts)


class TestKeys:
    def test_are_shown_once_and_work(self, admin: Browser, resources: Resources):
        page = admin.post("/keys", name="reader <b>", scope="read", user="ann", expires="2999-01-01")
        key = re.search(r'id="new-key">(mc_[\w-]+)<', page.text)
        assert key is not None
        assert "no-store" in page.headers["cache-control"]
        assert key[1] not in admin.get("/keys").text
        with client_of(app_of(resources), key[1]) as reader:
            assert reader.get("/v1/memories", params={"user_id": "ann"}).status_code == 200
            assert reader.get("/v1/memories", params={"user_id": "ben"}).status_code == 403
            assert reader.get("/v1/keys").status_code == 403

    def test_are_revoked(self, admin: Browser, client: TestClient):
        made = client.post("/v1/keys", json={"name": "old", "scopes": ["read"]}).json()
        answer = admin.post(f"/keys/{made['id']}/revoke")
        assert "The key is revoked." in text_of(admin.http.get(answer.headers["location"]))
        listed = {one["id"]: one for one in client.get("/v1/keys").json()["items"]}
        assert listed[made["id"]]["revoked_at"] is not None

    def test_of_the_session_end_it(self, visitor: Visitor, client: TestClient):
        browser = visitor()
        page = browser.get("/keys")
        own = re.search(
            r'/keys/([0-9a-f-]{36})/revoke">[^/]*?<button class="danger">Revoke, and log out', page.text
        )
        assert own is not None
        browser.post(f"/keys/{own[1]}/revoke")
        assert browser.get("/keys").status_code == 303

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"name": "k"},
            {"name": "k", "scope": "root"},
            {"name": "k", "scope": "admin", "user": "ann"},
            {"name": "k", "scope": "read", "user": ".."},
            {"name": "k", "scope": "read", "expires": "2001-01-01"},
            {"name": "k", "scope": "read", "expires": "soon"},
            {"name": "x" * 201, "scope": "read"},
            {"name": "k", "scope": "read", "tenant": "other"},
        ],
    )
    def test_are_refused_when_a_field_is_wrong(self, admin: Browser, form: dict[str, str]):
        assert admin.post("/keys", **form).status_code == 422


class TestErasure:
    def test_erases_and_gives_a_receipt(self, admin: Browser, client: TestClient):
        post(client, turn("I live in Oslo."))
        assert "1 turns" in text_of(admin.get("/erase", user="ann"))
        receipt = admin.post("/erase", user="ann", confirm="ann")
        told = text_of(receipt)
        assert "ann is erased." in told
        assert "left over 0" in told
        assert admin.get("/user", user="ann").status_code == 404
        erased = client.get("/v1/erasures").json()["items"][0]
        assert erased["id"] in text_of(admin.get(f"/erasures/{erased['id']}"))
        assert erased["id"] in admin.get("/erasures").text

    @pytest.mark.parametrize("confirm", ["", "Ann", "ann ", "ben", "ann\N{ZERO WIDTH SPACE}"])
    def test_needs_the_id_once_more(self, admin: Browser, client: TestClient, confirm: str):
        post(client, turn("I live in Oslo."))
        assert admin.post("/erase", user="ann", confirm=confirm).status_code == 422
        assert admin.get("/user", user="ann").status_code == 200


class TestOverview:
    def test_shows_parts_jobs_and_users(self, without: Any):
        client, browser, _ = without
        post(client, turn("I live in Oslo."))
        told = text_of(browser.get(""))
        assert "database ok" in told
        assert "queued 1" in told
        assert "ann" in told
        assert csrf_of(browser.get(""))
