"""The entrance over real sockets: the key first, bounded bodies, and nobody is waited for without end."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.api.entrance.admission_limits import AdmissionLimits
from app.api.entrance.http_protocol import BoundedProtocol
from app.core.vocabulary import KeyScope
from app.main import OPEN_ROUTES, create_app
from app.resources import Resources
from app.services.platform import keys
from tests.conftest import document, make_key, principal_of, turn, until
from tests.served import Answer, chunk, head, served, talk

TENANT = "t-entrance"
LIMITS = AdmissionLimits(
    stall_seconds=0.5, grace_seconds=0.7, body_memory_wait_seconds=0.3, max_verified_keys=3
)
TURNS: dict[str, Any] = {"user_id": "ann", "session_id": "s", "turns": [turn("Hello.")]}
SEARCH = {"user_id": "ann", "query": "Where?"}


class QuickProtocol(BoundedProtocol):
    head_seconds, most_connections = 0.5, 8


@dataclass(frozen=True)
class Service:
    """A served app and a key of each kind."""

    port: int
    app: FastAPI
    keys: dict[str, str]

    def ask(self, method: str, path: str, key: str | None, body: bytes = b"", **headers: str) -> Answer:
        """A whole request with the length of its body."""
        headers = {"Content_Type": "application/json", "Content_Length": str(len(body))} | headers
        return talk(self.port, [head(method, path, key, **headers), body])

    def ask_json(self, path: str, body: Any, key: str = "write") -> Answer:
        return self.ask("POST", path, self.keys[key], orjson.dumps(body))


@pytest.fixture(scope="module")
def service(resources: Resources) -> Iterator[Service]:
    app = create_app(resources=resources, limits=LIMITS)
    made = {scope.value: make_key(resources, TENANT, scope) for scope in KeyScope}
    with served(app, QuickProtocol) as port:
        yield Service(port, app, made)


def operations(*, with_body: bool) -> list[Any]:
    """(method, path) of every route that needs a key."""
    found = [
        pytest.param(method, path.replace("{", "").replace("}", ""), id=operation["operationId"])
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if path not in OPEN_ROUTES and ("requestBody" in operation) == with_body
    ]
    assert len(found) > 15
    return found


class TestKeyFirst:
    @pytest.mark.parametrize(("method", "path"), operations(with_body=True))
    def test_no_byte_of_the_body_is_awaited(self, service: Service, method: str, path: str):
        answer = talk(service.port, [head(method, path, None, Content_Length="200000")])
        assert (answer.status, answer.problem["code"], answer.is_closed) == (401, "unauthorized", True)

    @pytest.mark.parametrize(
        "key", ["mc_unknown", "", "x" * 5_000, "mc_\u00e9", "mc_a b"], ids=["a", "b", "c", "d", "e"]
    )
    @pytest.mark.parametrize("path", ["/v1/turns", "/v1/search", "/v1/context", "/v1/memories", "/v1/import"])
    def test_an_unknown_key_is_told_before_the_body_is_read(self, service: Service, path: str, key: str):
        answer = talk(service.port, [head("POST", path, key, Transfer_Encoding="chunked")])
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("path", ["/v1/turns", "/v1/search", "/v1/context", "/v1/memories"])
    @pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b"\xff", b""])
    def test_a_bad_body_without_a_key_is_a_401(self, service: Service, path: str, body: bytes):
        assert service.ask("POST", path, "mc_unknown", body).status == 401

    @pytest.mark.parametrize(
        ("path", "body"), [("/v1/turns", TURNS), ("/v1/search", SEARCH), ("/v1/context", SEARCH)]
    )
    @pytest.mark.parametrize("valid", [True, False])
    def test_a_key_revoked_within_the_minute_is_a_401(
        self, service: Service, resources: Resources, path: str, body: Any, valid: bool
    ):
        made = keys.create_key_for_tenant(
            resources, TENANT, name="x", scopes=[KeyScope.WRITE], user_id=None, expires_at=None
        )
        raw = orjson.dumps(body)
        assert service.ask("POST", path, made.key, raw).status in {200, 202}
        keys.revoke_key(resources, principal_of(TENANT), made.id)
        assert service.ask("POST", path, made.key, raw if valid else b'{"user_id": 7}').status == 401

    def test_unknown_keys_do_not_push_out_the_known(self, service: Service, owner: Engine):
        service.ask_json("/v1/search", SEARCH)
        with owner.connect() as connection:
            seen = text("SELECT count(*) FROM api_keys WHERE tenant_id = :t AND last_used_at IS NOT NULL")
            assert connection.execute(seen, {"t": TENANT}).scalar_one()
        for number in range(10):
            assert service.ask("POST", "/v1/search", f"mc_{number}", b"{}").status == 401
        # The permit still stands: a body that stalls is waited for, not refused at once.
        answer = talk(service.port, [head("POST", "/v1/search", service.keys["write"], Content_Length="9")])
        assert answer.status == 408


class TestBound:
    @pytest.mark.parametrize(
        ("path", "size"),
        [
            ("/v1/turns", 40 * 2**20 + 1),
            ("/v1/search", 2**20),
            ("/v1/context", 2**20),
            ("/v1/memories", 2**20),
            ("/v1/keys", 2**20),
            ("/v1/turns", 2**62),
        ],
    )
    def test_a_declared_length_over_it_is_refused_at_once(self, service: Service, path: str, size: int):
        answer = talk(service.port, [head("POST", path, service.keys["admin"], Content_Length=str(size))])
        assert (answer.status, answer.problem["code"], answer.is_closed) == (413, "too_large", True)

    @pytest.mark.parametrize("path", ["/v1/search", "/v1/context", "/v1/memories", "/v1/keys"])
    def test_chunks_are_refused_when_they_pass_it(self, service: Service, path: str):
        def pieces() -> Iterator[bytes]:
            yield head("POST", path, service.keys["admin"], Transfer_Encoding="chunked")
            for _ in range(64):
                yield chunk(b" " * 65_536)

        answer = talk(service.port, pieces())
        assert (answer.status, answer.is_closed) == (413, True)

    @pytest.mark.parametrize(("method", "path"), operations(with_body=False))
    def test_no_body_is_taken_where_there_is_none(self, service: Service, method: str, path: str):
        told = service.ask(method, path, service.keys["admin"], b'{"dry_run": true}')
        assert (told.status, told.problem["field"]) == (422, "body")
        flood = service.ask(method, path, service.keys["admin"], b"x" * 65)
        assert (flood.status, flood.problem["code"]) == (413, "too_large")

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_an_empty_body_in_chunks_is_none(self, service: Service, method: str):
        path = "/v1/keys" if method == "GET" else "/v1/ranker/reset"
        pieces = [head(method, path, service.keys["admin"], Transfer_Encoding="chunked"), chunk(b"")]
        assert talk(service.port, pieces).status == 200

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/v1/nothing", "/openapi.json"])
    def test_a_body_that_nobody_reads_ends_the_connection(self, service: Service, path: str):
        def pieces() -> Iterator[bytes]:
            yield head("GET", path, None, Transfer_Encoding="chunked")
            for _ in range(400):
                yield chunk(b"x" * 65_536)

        answer = talk(service.port, pieces(), may_be_cut=True)
        assert answer.status in {200, 404, 413, 503}
        assert answer.is_closed

    def test_a_small_one_does_not(self, service: Service):
        answer = service.ask("POST", "/v1/nothing", None, b"{}")
        assert (answer.status, answer.is_closed) == (404, False)

    def test_the_largest_batch_is_taken(self, service: Service):
        turns = [turn("\\" * 65_536, role="system") for _ in range(100)] + [turn("ä" * 32_768, role="system")]
        answer = service.ask_json("/v1/turns", TURNS | {"user_id": "large", "turns": turns})
        assert answer.status == 202
        assert len(orjson.loads(answer.body)["turn_ids"]) == 101

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"turns": [turn("x" * 65_537, role="system")] * 30}, "turns[0].content"),
            ({"turns": [turn("x" * 65_000), turn("x", role="nobody")] * 30}, "turns[1].role"),
            ({"turns": [turn("x" * 60_000)] * 30, "session_id": ""}, "session_id"),
            ({"turns": [turn("x" * 60_000)] * 30, "session": "s"}, "session"),
            ({"turns": [turn("x" * 3_000)] * 501}, "turns"),
        ],
    )
    def test_what_is_wrong_in_a_large_body_is_named(self, service: Service, change: Any, field: str):
        answer = service.ask_json("/v1/turns", TURNS | change)
        assert (answer.status, answer.problem["field"]) == (422, field)


SHAPES = {
    "tiny ints": b'{"turns": [' + b"1," * 10**6 + b"1]}",
    "ints in a turn": b'{"turns": [{"metadata": {"a": [' + b"1," * 10**6 + b"1]}}]}",
    "floats in a name": b'{"user_id": [' + b"1.5," * 10**6 + b"1]}",
    "depth": b'{"turns": ' + b"[" * 10**6,
    "depth of objects": b'{"turns": [' + b'{"a":' * 10**5,
    "one field often": b"{" + b'"user_id": "a",' * 10**5 + b'"z": 1}',
    "many fields": b"{" + b",".join(b'"f%d": 1' % n for n in range(30_000)) + b"}",
    "many fields in one": b'{"filters": {' + b",".join(b'"f%d": 1' % n for n in range(30_000)) + b"}}",
    "a long name": b'{"' + b"k" * 300_000 + b'": 1}',
    "escapes": b'{"user_id": "' + b"\\u0041" * 50_000 + b'"}',
    "lone surrogates": b'{"user_id": "\\ud800", "' + b"\\udfff" * 9 + b'": 1}',
    "empty objects": b'{"turns": [' + b"{}," * 200_000 + b"{}]}",
    "bad ids": b'{"turns": [' + b'{"shown_memory_ids": [1,1,1,1,1,1,1,1]},' * 2_000 + b"{}]}",
    "a long number": b'{"user_id": ' + b"1" * 100_000 + b"}",
    "spaces": b" " * 300_000,
    "noise": bytes(range(256)) * 1_000,
    "cut off": b'{"user_id": "' + b"x" * 300_000,
}


class TestHostileJson:
    @pytest.mark.parametrize("shape", list(SHAPES.values()), ids=list(SHAPES))
    @pytest.mark.parametrize("path", ["/v1/turns", "/v1/search"])
    def test_is_a_short_problem(self, service: Service, path: str, shape: bytes):
        answer = service.ask("POST", path, service.keys["write"], shape)
        assert answer.status in {400, 413, 422}, answer
        assert answer.problem["detail"]
        assert len(answer.body) < 64 * 1024


class TestTime:
    @pytest.mark.parametrize(
        "sent",
        [
            [],
            [b"{"],
            [b'{"user_id":', b' "ann"'],
        ],
    )
    @pytest.mark.parametrize("path", ["/v1/turns", "/v1/search", "/v1/import"])
    def test_a_body_that_stalls_is_a_408(self, service: Service, path: str, sent: list[bytes]):
        first = head("POST", path, service.keys["admin"], Content_Length="5000")
        answer = talk(service.port, [first, *sent])
        assert (answer.status, answer.problem["code"]) == (408, "request_timeout")

    @pytest.mark.parametrize("path", ["/v1/turns", "/v1/memories"])
    def test_a_body_that_trickles_is_a_408(self, service: Service, path: str):
        first = head("POST", path, service.keys["write"], Content_Length="5000")
        answer = talk(service.port, [first, *[b"x"] * 40], pause=0.1)
        assert answer.status == 408

    @pytest.mark.parametrize(
        "sent", [[b"G"], [b"GET / HTTP/1.1\r\n"], [b"GET / HTTP/1.1\r\nA: b\r\n"] + [b"c: d\r\n"] * 40]
    )
    def test_a_head_that_does_not_end_is_a_408(self, service: Service, sent: list[bytes]):
        assert talk(service.port, sent, pause=0.05).status == 408

    @pytest.mark.parametrize("sent", [[], [b"\r\n"] * 60])
    def test_a_connection_without_a_request_is_closed(self, service: Service, sent: list[bytes]):
        started = time.monotonic()
        talk(service.port, sent, pause=0.1)
        assert time.monotonic() - started < 5

    def test_an_ordinary_upload_in_pieces_is_waited_for(self, service: Service):
        raw = orjson.dumps(TURNS)
        first = head(
            "POST", "/v1/turns", service.keys["write"],
            Content_Type="application/json", Content_Length=str(len(raw)),
        )  # fmt: skip
        assert talk(service.port, [first, raw[:10], raw[10:50], raw[50:]], pause=0.1).status == 202


class TestHead:
    @pytest.mark.parametrize(
        "sent",
        [
            head("GET", "/healthz", None, **{f"H{n}": "x" for n in range(200)}),
            head("GET", "/healthz", None, A="x" * 40_000),
            head("GET", "/healthz?" + "x" * 40_000),
            head("GET", "/" + "x" * 40_000),
            head("GET", "/healthz", "x" * 40_000),
            b"GET /healthz HTTP/1.1\r\nA: " + b"x" * 300_000,
            b"GET /" + b"x" * 300_000,
        ],
        ids=["many", "long value", "long query", "long path", "long key", "value without end", "no end"],
    )
    def test_a_head_that_is_too_large_is_a_431(self, service: Service, sent: bytes):
        answer = talk(service.port, [sent])
        assert (answer.status, answer.problem["code"], answer.is_closed) == (431, "too_large", True)

    @pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9\r\n\r\n"])
    def test_what_is_no_http_is_a_problem_too(self, service: Service, sent: bytes):
        assert talk(service.port, [sent]).problem["code"] == "bad_request"

    def test_what_is_large_and_allowed_is_served(self, service: Service):
        assert talk(service.port, [head("GET", "/healthz?q=" + "x" * 20_000, None, B="y" * 8_000)]).status

    def test_who_opens_many_and_says_nothing_shuts_nobody_out(self, service: Service):
        held = [socket.create_connection(("127.0.0.1", service.port), timeout=20) for _ in range(8)]
        try:
            assert service.ask("GET", "/healthz", None).status == 200
            assert held[0].recv(1) == b"", "the one that was idle longest gives way"
        finally:
            for one in held:
                one.close()

    def test_no_more_requests_than_there_may_be_connections(self, resources: Resources):
        limits = replace(LIMITS, stall_seconds=8.0, grace_seconds=8.0)
        start = head("POST", "/v1/search", make_key(resources, TENANT, KeyScope.READ), Content_Length="9")
        with served(create_app(resources=resources, limits=limits), QuickProtocol) as port:
            held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(8)]
            for one in held:
                one.sendall(start + b"{")
            try:
                answer = until(lambda: self.refused(port))
                assert answer.problem["code"] == "unavailable"
            finally:
                for one in held:
                    one.close()
            assert until(lambda: talk(port, [head("GET", "/healthz")]).status == 200)

    def refused(self, port: int) -> Answer | None:
        answer = talk(port, [head("GET", "/healthz")])
        return answer if answer.status == 503 else None

    def test_a_slash_too_many_is_no_redirection_to_where_the_client_says(self, service: Service):
        answer = service.ask("GET", "/v1/keys/", None, Host="evil.example")
        assert answer.status == 401
        assert "location" not in answer.headers


class TestRequestId:
    @pytest.mark.parametrize("given", ["abc-1", "a b", "x" * 65, "ann@example.com", ""])
    def test_is_the_services_own(self, service: Service, given: str):
        answer = service.ask("GET", "/v1/nothing", None, X_Request_ID=given)
        assert len(answer.problem["request_id"]) == 32
        assert not given or given not in str(answer)


class TestRoom:
    def test_large_bodies_wait_for_room_and_then_give_up(self, resources: Resources):
        limits = AdmissionLimits(
            max_body_bytes=300_000, max_body_bytes_per_key=200_000, body_memory_wait_seconds=0.2
        )
        made = [make_key(resources, TENANT, KeyScope.WRITE) for _ in range(3)]
        with served(create_app(resources=resources, limits=limits)) as port:

            def held(key: str) -> socket.socket:
                connection = socket.create_connection(("127.0.0.1", port), timeout=20)
                connection.sendall(head("POST", "/v1/search", key, Content_Length="150000") + b"{")
                return connection

            def status(key: str) -> int:
                first = head("POST", "/v1/search", key, Content_Length="150000")
                return talk(port, [first, b"x" * 150_000]).status

            with held(made[0]):
                until(lambda: status(made[0]) == 503)  # 300 kB of one key
                with held(made[1]):
                    until(lambda: status(made[2]) == 503)  # 450 kB of all
                    small = orjson.dumps(SEARCH)
                    first = head(
                        "POST", "/v1/search", made[0],
                        Content_Type="application/json", Content_Length=str(len(small)),
                    )  # fmt: skip
                    assert talk(port, [first, small]).status == 200
            assert until(lambda: status(made[2]) == 415)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_a_body_of_another_type_is_refused(client: TestClient, kind: str):
    answer = client.post("/v1/search", content=orjson.dumps(SEARCH), headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


class TestImports:
    """A bundle that comes slowly holds up nothing of its key, and few come at once."""

    def test_slow_ones_leave_the_places_of_their_key_to_others(self, resources: Resources):
        limits = replace(LIMITS, max_running_per_key=2, max_imports=3, stall_seconds=30.0, grace_seconds=30.0)
        key = make_key(resources, TENANT, KeyScope.ADMIN)
        with served(create_app(resources=resources, limits=limits)) as port:
            start = head("POST", "/v1/import", key, Transfer_Encoding="chunked")
            slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(3)]
            for connection in slow:
                connection.sendall(start + chunk(b"{"))
            time.sleep(1)  # a bundle that came before the three are in their places would take one of them
            refused = until(lambda: self.one_too_many(port, start))
            assert (refused.status, refused.problem["code"]) == (503, "unavailable")
            started = time.monotonic()
            assert talk(port, [head("GET", "/v1/keys", key)]).status == 200
            assert time.monotonic() - started < 15, "it waits for a bundle to come in"
            for connection in slow:
                connection.close()

    def one_too_many(self, port: int, start: bytes) -> Answer | None:
        """The answer to a further bundle once the others are seen to come in."""
        answer = talk(port, [start + chunk(b"{}") + chunk(b"")])
        return answer if answer.status == 503 else None
