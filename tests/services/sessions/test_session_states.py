"""What a worker writes into the state of a session as it goes, by rules and by a scripted model."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from tests.conftest import app_of, client_of, make_key, post, turn, until
from tests.fakes import ScriptedLLM, pairs_of, turns_of

CHAT = (
    "The weather in town number {n} is mild today.",
    "I want to see the tower of town number {n}.",
    "We had soup number {n} for lunch.",
    "My sister wrote me letter {n} from the coast.",
)


def read(client: TestClient, session: str = "s1") -> Any:
    return client.get(f"/v1/sessions/{session}/state", params={"user_id": "ann"})


def work(resources: Resources, tenant: str, client: TestClient, job_id: str) -> None:
    """Do the worker's part here; a worker of another test may be quicker."""

    def worked() -> bool:
        embed_turns.run_embedding(resources, tenant, "ann")
        extraction.run_extraction(resources, tenant, "ann")
        return client.get(f"/v1/jobs/{job_id}").json()["status"] == "succeeded"

    until(worked)


def goals(client: TestClient) -> dict[str, str]:
    return {goal["text"]: goal["status"] for goal in read(client).json()["state"]["goals"]}


class TestByRules:
    def test_the_goal_of_turn_3_is_open_at_turn_200(
        self, client: TestClient, resources: Resources, tenant: str
    ):
        lines = [CHAT[n % len(CHAT)].format(n=n) for n in range(1, 201)]
        lines[2] = "My goal is to finish the thesis about whales by June."
        sizes = []
        for start in range(0, 200, 20):
            posted = post(client, *(turn(line) for line in lines[start : start + 20]))
            work(resources, tenant, client, posted["job_id"])
            found = read(client).json()
            sizes.append(found["bytes"])
            assert found["actor"] == "extractor"
        assert goals(client)["Finish the thesis about whales by June"] == "open"
        assert max(sizes) <= resources.settings.session_state_bytes
        assert max(sizes[-4:]) - min(sizes[-4:]) < 500
        assert found["goals_left_out"] > 0

    def test_a_goal_that_the_client_put_stays_and_is_closed_by_a_turn(
        self, client: TestClient, resources: Resources, tenant: str
    ):
        body = {"user_id": "ann", "state": {"goals": [{"text": "Rent a boat in Oban"}], "data": {"n": 1}}}
        client.put("/v1/sessions/s1/state", json=body, headers={"If-Match": "0"})
        work(resources, tenant, client, post(client, turn("The sea is calm."))["job_id"])
        assert goals(client) == {"Rent a boat in Oban": "open"}
        stale = client.put("/v1/sessions/s1/state", json=body, headers={"If-Match": "1"})
        assert stale.status_code == 412
        posted = post(client, turn("I rented the boat in Oban."))
        work(resources, tenant, client, posted["job_id"])
        assert goals(client) == {"Rent a boat in Oban": "done"}
        state = read(client).json()["state"]
        assert state["goals"][0]["closed_by"] == posted["turn_ids"][0]
        assert state["data"] == {"n": 1}

    def test_each_session_has_its_own(self, client: TestClient, resources: Resources, tenant: str):
        for session, thing in (("s1", "boat"), ("s2", "house")):
            said = turn(f"I need to sell the old {thing}.")
            work(resources, tenant, client, post(client, said, session=session)["job_id"])
        assert goals(client) == {"Sell the old boat": "open"}
        assert read(client, "s2").json()["state"]["goals"][0]["text"] == "Sell the old house"

    def test_topics_follow_the_last_turns(self, client: TestClient, resources: Resources, tenant: str):
        work(resources, tenant, client, post(client, turn("The garden is green."))["job_id"])
        assert "garden" in read(client).json()["state"]["topics"]
        later = [turn(f"The concert of orchestra {n} was loud.") for n in range(8)]
        work(resources, tenant, client, post(client, *later)["job_id"])
        topics = read(client).json()["state"]["topics"]
        assert "concert" in topics
        assert "garden" not in topics

    def test_a_deleted_turn_leaves_no_word(self, client: TestClient, resources: Resources, tenant: str):
        posted = post(client, turn("I need to return the xylophone quickly."), turn("The sea is calm."))
        work(resources, tenant, client, posted["job_id"])
        assert "xylophone" in read(client).text
        assert client.delete(f"/v1/turns/{posted['turn_ids'][0]}").status_code == 204
        assert "xylophone" not in read(client).text
        assert "calm" in read(client).text

    def test_a_system_turn_makes_no_state(self, client: TestClient, resources: Resources, tenant: str):
        posted = post(client, turn("I need to sell the old boat.", role="system"))
        work(resources, tenant, client, posted["job_id"])
        assert read(client).status_code == 404


class TestByModel:
    @pytest.fixture
    def model_client(self, llm_resources: Resources, tenant: str):
        with client_of(app_of(llm_resources), make_key(llm_resources, tenant)) as opened:
            yield opened

    def test_goals_ride_on_the_call_of_extraction(
        self, model_client: TestClient, llm_resources: Resources, llm: ScriptedLLM, tenant: str
    ):
        marks = {
            "Ich will ein Boot mieten.": {"content": "Ann will ein Boot mieten.", "mode": "goal"},
            "Das Boot habe ich gemietet.": {"content": "Ann hat ein Boot gemietet: mieten.", "mode": "done"},
            "Schönes Wetter.": {"content": "Das Wetter ist schön.", "mode": "is"},
        }

        def reply(messages: list[dict[str, Any]]) -> dict[str, Any]:
            asked = {"messages": messages}
            if pairs_of(asked):
                return {"verdicts": []}
            read = turns_of(asked)
            return {"facts": [{"turn": t["n"], "quote": t["content"], **marks[t["content"]]} for t in read]}

        llm.on_chat = reply
        expected = {"Ich will ein Boot mieten.": "open", "Das Boot habe ich gemietet.": "done"}
        for line, status in expected.items():
            said = [turn(line, name="Ann"), turn("Schönes Wetter.", role="assistant")]
            posted = post(model_client, *said)
            work(llm_resources, tenant, model_client, posted["job_id"])
            assert goals(model_client) == {"Ann will ein Boot mieten.": status}
        extractions = [body for body in llm.chats() if turns_of(body)]
        assert len(extractions) == len(expected)

    def test_what_its_turn_does_not_say_is_no_goal(
        self, model_client: TestClient, llm_resources: Resources, llm: ScriptedLLM, tenant: str
    ):
        invented = {"turn": 1, "content": "Ann wants a plane.", "quote": "I want a plane", "mode": "goal"}
        llm.on_chat = lambda messages: {"facts": [invented]}
        posted = post(model_client, turn("Good morning to all of you."))
        work(llm_resources, tenant, model_client, posted["job_id"])
        assert goals(model_client) == {}
