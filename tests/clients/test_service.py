"""The fixtures themselves: a service that is ready, and what an empty one answers."""

from tests.clients.conftest import Service


def test_the_service_runs_and_knows_its_key(service: Service):
    with service.http() as http:
        assert http.get("/readyz").json()["status"] == "ready"
        assert http.get("/v1/memories", params={"user_id": "nobody"}).json()["items"] == []
