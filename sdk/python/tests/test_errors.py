"""Exceptions, and what of a call can be seen in logs and texts."""

from __future__ import annotations

import copy
import io
import logging
import pickle
from typing import Any
from uuid import uuid4

import pytest
from faulty import FaultyServer, Reply

from memcubed import (
    APIError,
    AsyncMemcubed,
    AuthenticationError,
    ConflictError,
    ConnectionFailedError,
    FieldError,
    InvalidRequestError,
    JobFailedError,
    Memcubed,
    MemcubedError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionFailedError,
    RateLimitError,
    ServerError,
    UnavailableError,
    WaitTimeoutError,
)
from memcubed._requests import EventReader, to_turns

KEY = "mc_secret-key-of-the-tests"
SECRET = "Ann's diagnosis"


@pytest.fixture
def faulty() -> Any:
    with FaultyServer() as server:
        yield server


# Status, code in the body, the class.
FAMILIES: list[tuple[int, str, type[APIError]]] = [
    (400, "bad_request", InvalidRequestError),
    (401, "unauthorized", AuthenticationError),
    (403, "forbidden", PermissionDeniedError),
    (404, "not_found", NotFoundError),
    (405, "method_not_allowed", InvalidRequestError),
    (408, "request_timeout", InvalidRequestError),
    (409, "conflict", ConflictError),
    (412, "precondition_failed", PreconditionFailedError),
    (413, "too_large", InvalidRequestError),
    (415, "unsupported_media_type", InvalidRequestError),
    (422, "invalid_input", InvalidRequestError),
    (428, "precondition_required", InvalidRequestError),
    (429, "too_many_requests", RateLimitError),
    (431, "too_large", InvalidRequestError),
    (500, "internal", ServerError),
    (502, "upstream_failed", ServerError),
    (503, "unavailable", UnavailableError),
    (418, "teapot", InvalidRequestError),
    (409, "made_up", ConflictError),
    (504, "", ServerError),
    (599, "made_up", ServerError),
    (300, "", APIError),
    (304, "", APIError),
    (429, "conflict", ConflictError),
]


@pytest.mark.parametrize(("status", "code", "family"), FAMILIES)
def test_a_class_for_each_family(
    status: int, code: str, family: type[APIError], make: Any, faulty: Any
) -> None:
    body = {"title": "T", "status": status, "code": code, "detail": "d", "field": "f", "request_id": "r-7"}
    body["errors"] = [{"field": "f", "message": "m"}, {"field": "g", "message": "n"}]
    faulty.script = [Reply(status, None if status == 304 else body, {"Retry-After": "3"})]
    with pytest.raises(APIError) as raised:
        make(faulty.url, KEY, max_retries=0).get(uuid4())
    error = raised.value
    assert type(error) is family
    assert (error.status, error.retry_after) == (status, 3.0)
    if status != 304:
        assert (error.code, error.title, error.detail, error.field, error.request_id) == (
            code,
            "T",
            "d",
            "f",
            "r-7",
        )
        assert error.errors == [FieldError("f", "m"), FieldError("g", "n")]
        assert str(error) == f"{status} {code or 'T'}: d (request r-7)"
    assert isinstance(error, MemcubedError)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502</html>",
        b"null",
        b"[]",
        b"[1]",
        b"3",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b"{}",
        b'{"code": 3}',
        b'{"errors": 3}',
        b'{"errors": [3, null, {}]}',
        b'{"errors": [{"field": 3}]}',
        b'{"code": null, "detail": []}',
        b'{"status": "x"}',
        b'{"request_id": 3}',
        b"\x00",
        b"[" * 5000,
        b'{"detail": "' + b"x" * 100_000 + b'"}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_an_answer_that_is_no_problem_is_one_all_the_same(body: bytes, make: Any, faulty: Any) -> None:
    faulty.script = [Reply(502, body, {"X-Request-ID": "from-the-head"})]
    with pytest.raises(ServerError) as raised:
        make(faulty.url, KEY, max_retries=0).get(uuid4())
    assert (raised.value.status, raised.value.request_id) == (502, "from-the-head")
    assert str(raised.value).startswith("502 ")


def test_they_can_be_copied_and_pickled(make: Any, faulty: Any, memory: Any) -> None:
    job = memory.wait(memory.add("I keep bees.", "s"))
    faulty.script = [Reply(404, {"code": "not_found", "detail": "d"})]
    with pytest.raises(NotFoundError) as raised:
        make(faulty.url, KEY).get(uuid4())
    errors = [
        raised.value,
        JobFailedError(job),
        WaitTimeoutError(uuid4(), "queued"),
        ConnectionFailedError("x", True),
    ]
    for error in errors:
        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert (type(twin), str(twin), vars(twin).keys()) == (type(error), str(error), vars(error).keys())


class TestJobs:
    @pytest.mark.parametrize("status", ["failed", "dead"])
    def test_one_that_failed_is_raised(self, status: str, make: Any, faulty: Any, memory: Any) -> None:
        job = memory.wait(memory.add("I keep bees.", "s")).to_dict()
        faulty.script = [
            Reply(200, {**job, "status": "running"}),
            Reply(200, {**job, "status": status, "error": "boom"}),
        ]
        with pytest.raises(JobFailedError, match="boom") as raised:
            make(faulty.url, KEY).wait(job["id"])
        assert raised.value.job.status == status

    def test_a_state_that_is_not_known_is_waited_for(self, make: Any, faulty: Any, memory: Any) -> None:
        job = memory.wait(memory.add("I keep bees.", "s")).to_dict()
        faulty.script = [Reply(200, {**job, "status": "napping", "later": {"a": 1}}), Reply(200, job)]
        assert make(faulty.url, KEY).wait(job["id"]).status == "succeeded"


class TestKeys:
    @pytest.mark.parametrize(
        "key", [None, "", "  ", "mc_a b", "mc_\n1", "mc_ä", "mc_1\r\nX-Evil: 1", "mc_\x00"]
    )
    def test_what_is_no_key_is_refused_without_saying_it(self, key: Any, monkeypatch: Any) -> None:
        monkeypatch.delenv("MEMCUBED_API_KEY", raising=False)
        for form in (Memcubed, AsyncMemcubed):
            with pytest.raises(ValueError, match="key") as raised:
                form("http://127.0.0.1:1", key)
            assert not key or not key.strip() or key not in str(raised.value)

    @pytest.mark.parametrize(
        "url", ["localhost:8000", "ftp://x", "http://", "//x", "http:///v1", "x", "file:///etc"]
    )
    def test_what_is_no_url_is_refused(self, url: str) -> None:
        for form in (Memcubed, AsyncMemcubed):
            with pytest.raises(ValueError, match="http"):
                form(url, KEY)

    def test_a_wrong_key(self, make: Any, url: str) -> None:
        with pytest.raises(AuthenticationError) as raised:
            make(url, KEY).search("x", user_id="ann")
        assert KEY not in repr(raised.value) + str(raised.value)


@pytest.mark.parametrize("status", [200, 404, 503])
def test_neither_key_nor_content_is_logged_or_shown(
    status: int, make: Any, faulty: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    body = {"items": [], "next_cursor": None, "code": "x", "detail": "d"}
    faulty.script = [Reply(status, body)] * 3
    client = make(faulty.url, KEY, max_retries=0)
    calls = [
        lambda: list(client.memories(user_id=SECRET, metadata={"field": SECRET, "op": "exists"})),
        lambda: client.search(SECRET, user_id=SECRET),
        lambda: client.add(SECRET, SECRET, user_id=SECRET),
    ]
    for call in calls:
        said = ""
        try:
            call()
        except MemcubedError as error:
            said = f"{error} {error!r}"
        assert KEY not in said
        assert SECRET not in said
    logging.getLogger().removeHandler(handler)
    assert len(faulty.seen) == 3
    for text in (caplog.text, stream.getvalue(), repr(client.user("ann"))):
        assert KEY not in text
        assert SECRET not in text
        assert "diagnosis" not in text
    assert faulty.seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert faulty.seen[0].headers["user-agent"].startswith("memcubed-python/")


def test_the_log_of_others_who_use_httpx_is_as_before(faulty: Any, caplog: pytest.LogCaptureFixture) -> None:
    import httpx

    caplog.set_level(logging.INFO, "httpx")
    faulty.script = [Reply(200, {})] * 2
    with Memcubed(faulty.url, KEY, user_id="ann") as memory, pytest.raises(MemcubedError):
        memory.search("x")
    assert caplog.records == []
    with httpx.Client() as other:
        other.get(faulty.url)
    assert len(caplog.records) == 1


class TestEvents:
    TEXT = (
        'event: shown\ndata: {"a": "\u2028 \x85 🐝"}\n\n: a comment\n\n'
        'event: claim\r\ndata: {"b":\r\ndata: 1}\r\n\r\n'
    )

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 1000])
    def test_are_read_whatever_the_pieces(self, size: int) -> None:
        raw, reader, events = self.TEXT.encode(), EventReader(), []
        for at in range(0, len(raw), size):
            events += list(reader.feed(raw[at : at + size]))
        assert [(event.type, event.data) for event in events] == [
            ("shown", {"a": "\u2028 \x85 🐝"}),
            ("claim", {"b": 1}),
        ]

    def test_an_error_is_raised_with_its_code(self) -> None:
        with pytest.raises(UnavailableError) as raised:
            list(
                EventReader().feed(
                    b'event: error\ndata: {"status": 503, "code": "unavailable", "detail": "d"}\n\n'
                )
            )
        assert raised.value.status == 503

    @pytest.mark.parametrize("data", [b"event: shown\ndata: {\n\n", b"event: shown\ndata: \n\n"])
    def test_what_is_no_json_is_raised(self, data: bytes) -> None:
        with pytest.raises(MemcubedError):
            list(EventReader().feed(data))


@pytest.mark.parametrize(
    ("turns", "sent"),
    [
        ("x", [{"role": "user", "content": "x"}]),
        ({"role": "tool", "content": "x"}, [{"role": "tool", "content": "x"}]),
        (
            ["x", {"role": "tool", "content": "y"}],
            [{"role": "user", "content": "x"}, {"role": "tool", "content": "y"}],
        ),
        (iter(["x"]), [{"role": "user", "content": "x"}]),
        ([], []),
    ],
    ids=lambda value: str(value)[:20],
)
def test_turns_in_every_form(turns: Any, sent: Any) -> None:
    assert to_turns(turns) == sent
