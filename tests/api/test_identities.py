"""One account is one person, and entities have aliases: over HTTP, with the offline extractor."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.conftest import remember, turn


def listed(client: TestClient, user: str, **params: Any) -> dict[str, Any]:
    answer = client.get("/v1/entities", params={"user_id": user} | params)
    assert answer.status_code == 200, answer.text
    return {item["name"].lower(): item for item in answer.json()["items"]}


def about(client: TestClient, user: str, subject: str, **params: Any) -> list[tuple[str, str, str]]:
    """(attribute, value, status) of the memories about a subject."""
    asked = {"user_id": user, "subject": subject, "status": ["activated", "superseded"]} | params
    answer = client.get("/v1/memories", params=asked)
    assert answer.status_code == 200, answer.text
    return sorted((i["attribute"], i["value"], i["status"]) for i in answer.json()["items"] if i["attribute"])


def note(
    client: TestClient, user: str, content: str, subject: str, attribute: str, value: str, **more: Any
) -> Any:
    body = {
        "user_id": user,
        "content": content,
        "subject": subject,
        "attribute": attribute,
        "value": value,
    } | more
    answer = client.post("/v1/memories", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def merge(client: TestClient, user: str, one: str, into: str) -> Any:
    return client.post(f"/v1/entities/{one}/merge", json={"user_id": user, "into": into})


def split(client: TestClient, user: str, one: str, alias: str) -> Any:
    return client.post(f"/v1/entities/{one}/split", json={"user_id": user, "alias": alias})


@pytest.fixture
def user() -> str:
    return f"u-{uuid4().hex[:8]}"


@pytest.fixture
def two_toms(client: TestClient, user: str) -> dict[str, str]:
    """Tom, who lives in Oslo, and the later known Thomas, who lives in Bergen; their ids."""
    dates = ["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"]
    note(client, user, "Tom lives in Oslo.", "tom", "city", "oslo", asserted_at=dates[0], entities=["Tom"])
    note(client, user, "Tom is a nurse.", "tom", "job", "nurse", asserted_at=dates[0])
    note(
        client,
        user,
        "Thomas lives in Bergen.",
        "thomas",
        "home",
        "bergen",
        asserted_at=dates[1],
        entities=["Thomas"],
    )
    return {name: listed(client, user)[name]["id"] for name in ("tom", "thomas")}


OSLO, BERGEN = ("residence", "oslo", "activated"), ("residence", "bergen", "activated")
NURSE = ("occupation", "nurse", "activated")


@pytest.mark.usefixtures("worker")
class TestAccount:
    def test_names_of_turns_do_not_split_a_person(self, client, user):
        names = [None, "Ann", "Ann  Lee", "ann lee", "ANN"]
        cities = ["Oslo", "Rome", "Paris", "Lima", "Cairo"]
        for at, (name, city) in enumerate(zip(names, cities, strict=True)):
            said = turn(f"I live in {city}.", name=name, observed_at=f"2026-0{at + 1}-01T09:00:00Z")
            remember(client, said, session=f"s{at}", user=user)
        found = about(client, user, "user", status="activated")
        assert found == [("residence", "cairo", "activated")], found
        assert about(client, user, "Ann") == about(client, user, "Ann Lee") == about(client, user, "user")
        (account,) = (
            item
            for item in listed(client, user).values()
            if "ann lee" in [*item["aliases"], item["name"].lower()]
        )
        assert account["aliases"]

    def test_another_speaker_of_the_log_stays_another(self, client, user):
        for at, (name, city) in enumerate([("Ann", "Oslo"), ("Bo", "Rome"), ("Ann", "Lima")]):
            said = turn(f"I live in {city}.", name=name, observed_at=f"2026-0{at + 1}-01T09:00:00Z")
            remember(client, said, session=f"s{at}", user=user)
        assert about(client, user, "user", status="activated") == [("residence", "lima", "activated")]
        assert about(client, user, "bo") == [("residence", "rome", "activated")]

    def test_what_was_stored_under_the_speakers_name_is_the_persons_once_the_name_is_known(
        self, client, user
    ):
        note(
            client, user, "Ann lives in Oslo.", "ann", "residence", "oslo", asserted_at="2026-01-01T00:00:00Z"
        )
        remember(client, turn("I work at Acme.", name="Ann", observed_at="2026-02-01T09:00:00Z"), user=user)
        assert set(about(client, user, "user")) == {OSLO, ("employer", "acme", "activated")}

    def test_a_relative_and_her_name_are_one_once_linked(self, client, user):
        note(
            client,
            user,
            "The sister lives in Oslo.",
            "sister",
            "residence",
            "oslo",
            asserted_at="2026-01-01T00:00:00Z",
        )
        note(
            client, user, "Eva lives in Rome.", "eva", "residence", "rome", asserted_at="2026-03-01T00:00:00Z"
        )
        remember(
            client,
            turn("My sister Eva is a nurse.", name="Ann", observed_at="2026-04-01T09:00:00Z"),
            user=user,
        )
        found = about(client, user, "my sister")
        assert ("residence", "rome", "activated") in found
        assert ("residence", "oslo", "superseded") in found
        assert about(client, user, "eva") == found


class TestMerge:
    def test_both_compete_and_a_split_restores_exactly(self, client, user, two_toms):
        before = {name: about(client, user, name) for name in ("tom", "thomas")}
        merged = merge(client, user, two_toms["tom"], two_toms["thomas"])
        assert merged.status_code == 200, merged.text
        assert (merged.json()["id"], merged.json()["aliases"]) == (two_toms["thomas"], ["tom"])
        assert set(about(client, user, "thomas")) == {BERGEN, NURSE, ("residence", "oslo", "superseded")}
        assert about(client, user, "tom") == about(client, user, "Thomas")
        assert "tom" not in listed(client, user)
        apart = split(client, user, two_toms["thomas"], "Tom")
        assert (apart.status_code, apart.json()["aliases"]) == (200, [])
        assert {name: about(client, user, name) for name in ("tom", "thomas")} == before

    def test_merging_twice_and_by_either_id_changes_nothing(self, client, user, two_toms):
        first = merge(client, user, two_toms["tom"], two_toms["thomas"]).json()
        found = about(client, user, "thomas")
        history = client.get("/v1/memories", params={"user_id": user}).json()["items"]
        assert merge(client, user, two_toms["tom"], two_toms["thomas"]).json() == first
        assert merge(client, user, two_toms["thomas"], two_toms["tom"]).json() == first
        assert about(client, user, "tom") == found
        again = client.get("/v1/memories", params={"user_id": user}).json()["items"]
        assert [one["version"] for one in again] == [one["version"] for one in history]

    def test_chains_come_apart_in_any_order(self, client, user, two_toms):
        note(
            client,
            user,
            "T lives in Lima.",
            "tee",
            "town",
            "lima",
            asserted_at="2026-05-01T00:00:00Z",
            entities=["Tee"],
        )
        tee = listed(client, user)["tee"]["id"]
        before = {name: about(client, user, name) for name in ("tom", "thomas", "tee")}
        for order in (["thomas", "tom"], ["tom", "thomas"]):
            assert merge(client, user, two_toms["tom"], two_toms["thomas"]).status_code == 200
            assert merge(client, user, two_toms["thomas"], tee).status_code == 200
            assert ("residence", "lima", "activated") in about(client, user, "tom")
            for alias in order:
                holder = next(i["id"] for i in listed(client, user).values() if alias in i["aliases"])
                assert split(client, user, holder, alias).status_code == 200
            assert {name: about(client, user, name) for name in before} == before

    def test_the_accounts_person_stays_whichever_is_merged(self, client, user, two_toms):
        note(client, user, "The user plays chess.", "user", "hobby:chess", "yes", entities=["Me"])
        note(client, user, "The user works at Acme.", "user", "employer", "acme")
        own = next(i for i in listed(client, user).values() if i["name"] == "user")
        answer = merge(client, user, own["id"], two_toms["tom"])
        assert (answer.status_code, answer.json()["id"]) == (200, own["id"])
        assert OSLO in about(client, user, "user")

    @pytest.mark.parametrize(
        "case", ["itself", "unknown", "into unknown", "another user's", "into another user's"]
    )
    def test_what_cannot_be_merged_is_refused(self, client, user, two_toms, case):
        other = f"other-{user}"
        note(client, other, "Zed sails.", "zed", "hobby:sailing", "yes", entities=["Zed"])
        zed, tom, nobody = listed(client, other)["zed"]["id"], two_toms["tom"], str(uuid4())
        one, into, status, field = {
            "itself": (tom, tom, 422, "into"),
            "unknown": (nobody, tom, 404, None),
            "into unknown": (tom, nobody, 422, "into"),
            "another user's": (zed, tom, 404, None),
            "into another user's": (tom, zed, 422, "into"),
        }[case]
        answer = merge(client, user, one, into)
        assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert about(client, user, "tom") == [NURSE, OSLO]

    @pytest.mark.parametrize("alias", ["nobody", "thomas", "", " ", "x" * 300, "tom\0"])
    def test_what_was_not_merged_cannot_be_split(self, client, user, two_toms, alias):
        answer = split(client, user, two_toms["thomas"], alias)
        assert (answer.status_code, answer.json()["field"]) == (422, "alias")

    def test_a_frozen_memory_refuses_to_change_its_subject(self, client, user, two_toms):
        (job,) = (
            i
            for i in client.get("/v1/memories", params={"user_id": user}).json()["items"]
            if i["value"] == "nurse"
        )
        assert client.post(f"/v1/memories/{job['id']}/freeze").status_code == 200
        answer = merge(client, user, two_toms["tom"], two_toms["thomas"])
        assert answer.status_code == 409
        assert about(client, user, "thomas") == [BERGEN]
        assert OSLO in about(client, user, "tom")

    def test_history_names_the_client_and_the_past_is_read_as_it_was(self, client, user, two_toms):
        merge(client, user, two_toms["tom"], two_toms["thomas"])
        (oslo,) = (
            i
            for i in client.get("/v1/memories", params={"user_id": user, "status": "superseded"}).json()[
                "items"
            ]
        )
        versions = client.get(f"/v1/memories/{oslo['id']}/history").json()["items"]
        assert all(one["actor"].startswith("key:") for one in versions)
        asked = {"as_of": "2026-02-01T00:00:00Z", "status": "activated"}
        assert OSLO in about(client, user, "thomas", **asked)

    def test_names_go_with_their_user_and_travel_in_a_bundle(self, client, user, two_toms):
        merge(client, user, two_toms["tom"], two_toms["thomas"])
        bundle = client.get(f"/v1/users/{user}/export")
        assert bundle.status_code == 200
        erased = client.delete(f"/v1/users/{user}")
        assert erased.json()["rows"]["entity_aliases"] >= 1
        assert listed(client, user) == {}
        again = client.post("/v1/import", content=bundle.content)
        assert again.status_code == 200, again.text
        assert listed(client, user)["thomas"]["aliases"] == ["tom"]
        assert split(client, user, two_toms["thomas"], "tom").status_code == 200
        assert about(client, user, "tom") == [NURSE, OSLO]
