"""What others were shown of a user who is erased: its ids go from their turns and feedback."""

from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy import event, text

from app.core.security import Principal
from app.db.repositories.sharing import copies
from app.db.user_session import UserSession
from app.resources import Resources
from tests.api.test_grants import grant, note
from tests.conftest import post, turn
from tests.services.portability.test_erasures import erase


class TestShownToOthers:
    def test_their_turns_and_feedback_lose_the_ids_of_who_is_erased_and_no_others(
        self, client: TestClient, resources: Resources, tenant: str
    ):
        grant(client)
        anns = [note(client, f"Ann has the boat {number}.")["id"] for number in range(2)]
        anns += post(client, turn("I live in Oslo.", role="system"))["turn_ids"]
        kept = [
            note(client, "Bo has a boat.", "bob")["id"],
            note(client, "Cy rows.", "cy")["id"],
            str(uuid4()),
        ]
        kept += post(client, turn("Hi.", role="system"), user="bob")["turn_ids"]
        shown = [kept[3], anns[2], kept[0], anns[0], kept[1], anns[1], kept[2]]
        post(client, turn("So I said.", role="assistant", shown_memory_ids=shown), user="bob")
        found = client.post("/v1/search", json={"user_id": "bob", "query": "boat", "shared": True}).json()
        seen = [item["id"] for item in found["items"]]
        path = f"/v1/retrievals/{found['retrieval_id']}/feedback"
        assert client.post(path, json={"cited_ids": seen}).status_code == 200
        assert {*anns[:2], kept[0]} <= set(seen)
        erase(client)
        with resources.open_transaction(Principal(tenant)) as session:
            of_turns = session.execute(
                text("SELECT shown_memory_ids::text[] FROM turns ORDER BY id")
            ).scalars()
            assert [ids for ids in of_turns if ids] == [[kept[3], *kept[:3]]]
            of_feedback = text(
                "SELECT jsonb_path_query_array(shown, '$[*].id'), cited_ids::text[] FROM feedback"
            )
            rest = [one for one in seen if one not in anns]
            assert [tuple(row) for row in session.execute(of_feedback)] == [(rest, rest)]

    def test_are_looked_through_without_a_list_of_all_that_the_user_had(
        self, client: TestClient, resources: Resources, tenant: str
    ):
        body = [turn(f"Number {number}.", role="system") for number in range(50)]
        for _ in range(2):
            post(client, *body)
        longest: list[int] = []

        def measure(_conn: Any, _cursor: Any, _sql: Any, given: Any, *_: Any) -> None:
            longest.extend(len(value) for value in given.values() if isinstance(value, list))

        with resources.open_transaction(Principal(tenant)) as session:
            event.listen(session.connection(), "before_cursor_execute", measure)
            copies.hide_shown_ids(UserSession(session, tenant, "ann"), {"bob"})
        assert longest
        assert max(longest) == 1  # of whom it is hidden
