"""A day is the day on the speaker's clock: in what is stored, derived and shown to a model."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from tests.conftest import ended, post, search, turn

# (observed_at, what is said of, its day, its day in UTC)
SPOKEN = [
    ("2026-03-17T22:30:00-05:00", "today", "2026-03-17"),
    ("2025-12-31T21:00:00-08:00", "today", "2025-12-31"),
    ("2026-01-01T00:30:00+14:00", "today", "2026-01-01"),
    ("2026-01-01T00:30:00+14:00", "yesterday", "2025-12-31"),
    ("2025-12-31T23:30:00-12:00", "today", "2025-12-31"),
    ("2025-12-31T23:30:00-12:00", "tonight", "2025-12-31"),
    ("2026-09-01T06:30:00+09:00", "today", "2026-09-01"),
    ("2026-09-01T06:30:00+09:00", "yesterday", "2026-08-31"),
    ("2026-05-01T03:00:00+05:30", "today", "2026-05-01"),
    ("2026-05-01T03:00:00+05:45", "yesterday", "2026-04-30"),
    ("2028-02-29T20:00:00-07:00", "today", "2028-02-29"),
    ("2028-03-01T02:00:00+10:30", "yesterday", "2028-02-29"),
    ("2028-02-28T22:00:00-03:30", "today", "2028-02-28"),
    ("2026-03-01T01:00:00+03:00", "yesterday", "2026-02-28"),
    ("2026-07-02T23:45:00-07:00", "last night", "2026-07-01"),
    ("2026-06-10T23:45:00-09:30", "this morning", "2026-06-10"),
    ("2026-06-10T12:00:00Z", "today", "2026-06-10"),
    ("2026-06-10T12:00:00+12:45", "yesterday", "2026-06-09"),
    ("2026-06-15T00:10:00+02:00", "on Sunday", "2026-06-14"),
    ("2026-06-14T23:50:00-04:00", "on Saturday", "2026-06-13"),
    ("2026-06-01T00:05:00+01:00", "last month", "2026-05-01"),
    ("2026-01-01T00:05:00+11:00", "last year", "2025-01-01"),
]


@pytest.mark.usefixtures("worker")
class TestWithoutAModel:
    def test_an_event_is_on_the_day_of_who_tells_it(self, client: TestClient) -> None:
        jobs = [
            post(client, turn(f"I went to the aquarium {when}.", observed_at=said), user=f"u{number}")[
                "job_id"
            ]
            for number, (said, when, _) in enumerate(SPOKEN)
        ]
        for job in jobs:
            ended(client, job)
        found: list[str] = []
        for number, (said, _, _) in enumerate(SPOKEN):
            (item,) = client.get("/v1/memories", params={"user_id": f"u{number}"}).json()["items"]
            clock = datetime.fromisoformat(said).tzinfo
            assert item["event_from"].endswith("Z")
            assert item["valid_from"] == item["event_from"]
            found.append(f"{datetime.fromisoformat(item['event_from']).astimezone(clock):%Y-%m-%d}")
        assert found == [day for _, _, day in SPOKEN]

    def test_a_state_that_has_held_for_long_is_relied_on_if_it_was_said_of_late(
        self, client: TestClient
    ) -> None:
        now = datetime.now(UTC).isoformat()
        ended(client, post(client, turn("I have lived in Oslo since 2012.", observed_at=now))["job_id"])
        (item,) = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        assert (item["valid_from"][:4], item["reliance"]) == ("2012", "prefer_memory")
        (found,) = [one for one in search(client, "Oslo") if one["type"] == "memory"]
        assert found["reliance"] == "prefer_memory"

    def test_a_plan_holds_since_it_was_said_and_its_event_lies_ahead(self, client: TestClient) -> None:
        said = "2026-11-20T10:00:00Z"
        told = turn("We're sailing to Corsica on 21 February.", observed_at=said)
        ended(client, post(client, told)["job_id"])
        (item,) = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        assert (item["event_from"][:10], item["valid_from"]) == ("2027-02-21", said)
        for moment, count in (("2026-11-19T00:00:00Z", 0), ("2026-12-01T00:00:00Z", 1)):
            listed = client.get("/v1/memories", params={"user_id": "ann", "as_of": moment}).json()["items"]
            assert len(listed) == count
        (entry,) = client.get("/v1/timeline", params={"user_id": "ann"}).json()["items"]
        assert entry["from"][:10] == "2027-02-21"


class TestShown:
    def test_a_turn_comes_back_in_utc_with_the_offset_of_its_clock(self, client: TestClient) -> None:
        sent = ["2026-03-17T22:30:00-05:00", "2026-01-01T00:00:00+05:45", "2026-01-01T00:00:00Z", None]
        turns = [turn("x", role="system", **({"observed_at": at} if at else {})) for at in sent]
        ids = post(client, *turns)["turn_ids"]
        read = [client.get(f"/v1/turns/{one}").json() for one in ids]
        assert [one["utc_offset"] for one in read] == [-300, 345, 0, 0]
        assert [one["observed_at"] for one in read][:2] == ["2026-03-18T03:30:00Z", "2025-12-31T18:15:00Z"]

    @pytest.mark.parametrize("offset", ["+15:59", "-15:59", "+00:01", "-00:30"])
    def test_every_zone_that_is_accepted_is_stored(self, client: TestClient, offset: str) -> None:
        at = f"2026-01-01T00:00:00{offset}"
        (turn_id,) = post(client, turn("x", role="system", observed_at=at))["turn_ids"]
        minutes = datetime.fromisoformat(at).utcoffset()
        assert timedelta(minutes=client.get(f"/v1/turns/{turn_id}").json()["utc_offset"]) == minutes

    def test_a_context_shows_the_day_of_the_speaker_and_its_weekday(self, client: TestClient) -> None:
        told = turn(
            "Is the zanzibar parcel in the shed?", role="user", observed_at="2026-03-17T22:30:00-05:00"
        )  # a question makes no memory, whether a worker has read it or not
        later = turn("Is the kayak blue?", role="user", observed_at="2026-03-18T00:10:00+01:00")
        post(client, told, later)
        body = {"user_id": "ann", "query": "Where is the zanzibar parcel?", "session_id": "s1"}
        lines = client.post("/v1/context", json=body).json()["text"].splitlines()
        shown = [line for line in lines if line.startswith("- ")]
        # In the order of the instants, which is not that of the days.
        assert [line[2:19] for line in shown] == ["Wed 18 March 2026", "Tue 17 March 2026"]
        (item, *_) = search(client, "zanzibar parcel")
        assert item["sources"][0]["observed_at"] == item["valid_from"] == "2026-03-18T03:30:00Z"
