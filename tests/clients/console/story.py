"""A tenant with some life in it, posted through the API: what the pages of the console are looked at with."""

import time
from typing import Any

import httpx

USER = "ann"
END_STATES = {"succeeded", "failed", "dead"}
SESSIONS: dict[str, list[tuple[str, str, str]]] = {
    "first-talk": [
        (
            "user",
            "2025-11-03T18:00:00+01:00",
            "Hi! I'm Ann. I live in Oslo and I work as a nurse at Ulleval Hospital.",
        ),
        ("assistant", "2025-11-03T18:00:20+01:00", "Nice to meet you, Ann! How can I help?"),
        (
            "user",
            "2025-11-03T18:01:00+01:00",
            "I'm allergic to nuts, so please keep that in mind for recipes.",
        ),
        (
            "user",
            "2025-11-03T18:03:00+01:00",
            "My sister Karin is a teacher in Stavanger, and my brother Nils plays the cello.",
        ),
        ("user", "2025-11-03T18:04:00+01:00", "What could I cook tonight?"),
    ],
    "dog": [
        ("user", "2026-01-12T18:02:00+01:00", "I adopted a dog yesterday! His name is Bruno."),
        (
            "user",
            "2026-01-12T18:05:00+01:00",
            "My boyfriend Jonas is a carpenter. He works at Fjell Workshop.",
        ),
        ("user", "2026-01-12T18:06:00+01:00", "My password is hunter2-and-more, please remember it."),
    ],
    "moving": [
        ("user", "2026-03-09T08:30:00+01:00", "Big news: I moved to Bergen last week."),
        ("user", "2026-03-09T08:31:00+01:00", "I started a job at Haukeland Hospital in March 2026."),
        ("user", "2026-03-09T08:33:00+01:00", "Could you recommend a good bakery? Thanks!"),
        ("user", "2026-03-09T08:35:00+01:00", "I love hiking, and I prefer tea to coffee."),
    ],
    "summer": [
        ("user", "2026-06-20T12:00:00+02:00", "On 14 June 2026 I ran the Bergen City Marathon with Karin."),
        ("user", "2026-06-20T12:02:00+02:00", "We are going to Lofoten in August 2026."),
        ("user", "2026-06-20T12:04:00+02:00", "My favourite colour is green."),
        ("user", "2026-06-20T12:06:00+02:00", "Actually Jonas works at Nordic Timber now."),
    ],
}
DISPUTED = "ben"
OTHERS = ("ben", "chiara@example.org", "team/ops", "дмитрий", "zoë")


def post_story(client: httpx.Client, *, seconds: float = 120) -> dict[str, Any]:
    """Post all of it and wait until it is read; some ids that pages are opened with."""
    jobs = [_post(client, USER, name, turns) for name, turns in SESSIONS.items()]
    for number, user in enumerate(OTHERS):
        said = f"I have {number + 2} bicycles, and I live in Lyon."
        jobs.append(_post(client, user, "only", [("user", "2026-05-01T10:00:00Z", said)]))
    slot = {"subject": "Ben", "attribute": "residence", "value": "Paris"}
    memory = {"user_id": DISPUTED, "content": "Ben lives in Paris.", "asserted_at": "2026-05-02T00:00:00Z"}
    client.post("/v1/memories", json=memory | slot).raise_for_status()
    jobs.append(_post(client, DISPUTED, "later", [("user", "2026-06-10T10:00:00Z", "I moved to Bergen.")]))
    for value, at in (
        ("I was born in 1990.", "2026-02-01T10:00:00Z"),
        ("I was born in 1992.", "2026-02-02T10:00:00Z"),
    ):
        jobs.append(_post(client, USER, "form", [("user", at, value)]))
    _wait(client, jobs, seconds)
    memories = (
        client.get("/v1/memories", params={"user_id": USER, "limit": 200}).raise_for_status().json()["items"]
    )
    return {"jobs": jobs, "memories": memories}


def _post(client: httpx.Client, user: str, session: str, turns: list[tuple[str, str, str]]) -> str:
    body = {
        "user_id": user,
        "session_id": session,
        "close_session": True,
        "turns": [
            {
                "role": role,
                "observed_at": at,
                "content": said,
                "name": user.title() if user in {USER, DISPUTED} and role == "user" else None,
            }
            for role, at, said in turns
        ],
    }
    return client.post("/v1/turns", json=body).raise_for_status().json()["job_id"]


def _wait(client: httpx.Client, jobs: list[str], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    waiting = list(jobs)
    while waiting:
        assert time.monotonic() < deadline, f"{len(waiting)} jobs have not ended"
        waiting = [job for job in waiting if client.get(f"/v1/jobs/{job}").json()["status"] not in END_STATES]
        time.sleep(0.2)
