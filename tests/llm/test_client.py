import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.core.errors import StartupRefused, UpstreamFailed
from app.llm.client import CircuitBreaker, EndpointClient, EndpointFailed, RetryPolicy, Timing, Usage
from tests.fakes import Answer, ScriptedLLM

BODY = {"model": "m", "messages": [{"role": "user", "content": "the secret plan"}]}
KEY = "sk-very-private"


@dataclass
class FakeTime:
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as server:
        yield server


def make_client(url: str, time: FakeTime, *, jitter: float = 1.0, **options: Any) -> EndpointClient:
    timing = Timing(clock=time.clock, sleep=time.sleep, jitter=lambda: jitter)
    return EndpointClient(url, KEY, timing=timing, **options)


def ask(client: EndpointClient) -> tuple[dict[str, Any], Usage]:
    return client.post_json("/chat/completions", BODY)


class TestPost:
    @pytest.mark.parametrize("tail", ["", "/"])
    def test_puts_the_path_behind_the_base_url_as_given(self, llm, time, tail):
        with closing(make_client(llm.base_url + tail, time)) as client:
            answer, usage = ask(client)
        assert answer["choices"]
        assert usage == Usage(calls=1, failed_calls=0, prompt_tokens=10, completion_tokens=5)
        assert llm.paths == ["/v1/chat/completions"]
        assert llm.headers[0]["authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
    def test_retries_with_full_jitter_and_counts_failed_calls(self, llm, time, status):
        llm.queue.extend([Answer(status=status)] * 3)
        with closing(make_client(llm.base_url, time, jitter=0.5)) as client:
            _, usage = ask(client)
        assert time.slept == [0.25, 0.5, 1.0]
        assert usage == Usage(4, 3, 10, 5)

    @pytest.mark.parametrize("bad", [Answer(drop=True), Answer(body="<html>"), Answer(body="[1]")])
    def test_retries_a_hang_up_and_a_body_that_is_no_object(self, llm, time, bad):
        llm.queue.append(bad)
        with closing(make_client(llm.base_url, time)) as client:
            assert ask(client)[1].failed_calls == 1

    def test_retries_when_nothing_listens(self, time):
        with (
            closing(make_client("http://127.0.0.1:1/v1", time)) as client,
            pytest.raises(EndpointFailed) as e,
        ):
            ask(client)
        assert e.value.retryable
        assert isinstance(e.value.__cause__, httpx.ConnectError)
        assert e.value.usage == Usage(calls=4, failed_calls=4)

    def test_a_slow_answer_hits_the_read_timeout(self, llm, time):
        llm.queue.extend([Answer(delay=0.5)])
        client = make_client(llm.base_url, time, read_timeout=0.05, retry=RetryPolicy(attempts=1))
        with closing(client), pytest.raises(EndpointFailed, match="ReadTimeout"):
            ask(client)

    @pytest.mark.parametrize("status", [301, 400, 401, 404, 422])
    def test_other_statuses_are_final(self, llm, time, status):
        llm.queue.append(
            Answer(status=status, body={"error": {"code": "bad_thing", "message": "no: the secret plan"}})
        )
        with closing(make_client(llm.base_url, time)) as client, pytest.raises(UpstreamFailed) as e:
            ask(client)
        assert not e.value.retryable
        assert e.value.message == f"The model endpoint answered {status} (bad_thing)."
        assert len(llm.requests) == 1

    def test_refuses_a_base_url_without_scheme(self):
        with pytest.raises(StartupRefused):
            EndpointClient("api.example.com/v1")


class TestTimes:
    def test_each_attempt_has_its_own(self, time):
        waits = iter([(2.0, 503), (0.5, 429), (3.25, 200)])

        def answer(request: httpx.Request) -> httpx.Response:
            seconds, status = next(waits)
            time.now += seconds
            return httpx.Response(status, json={})

        client = make_client("http://x/v1", time, transport=httpx.MockTransport(answer))
        with closing(client):
            _, usage = ask(client)
        assert usage == Usage(calls=3, failed_calls=2)
        assert (usage.answer_seconds, usage.failure_seconds) == ((3.25,), (2.0, 0.5))

    def test_a_call_that_fails_in_the_end_has_those_of_all_attempts(self, time):
        def answer(request: httpx.Request) -> httpx.Response:
            time.now += 1.5
            raise httpx.ReadTimeout("too slow")

        client = make_client("http://x/v1", time, transport=httpx.MockTransport(answer))
        with closing(client), pytest.raises(EndpointFailed) as e:
            ask(client)
        assert e.value.usage.failure_seconds == (1.5,) * e.value.usage.calls
        assert e.value.usage.answer_seconds == ()


class TestRetryAfter:
    def test_is_honoured_over_the_backoff(self, llm, time):
        llm.queue.append(Answer(status=429, headers={"Retry-After": "7"}))
        with closing(make_client(llm.base_url, time)) as client:
            ask(client)
        assert time.slept == [7.0]

    def test_a_date_is_read_against_the_answers_own_date(self, time):
        headers = {"Date": "Mon, 01 May 2023 10:00:00 GMT", "Retry-After": "Mon, 01 May 2023 10:00:09 GMT"}
        answers = iter([httpx.Response(503, headers=headers), httpx.Response(200, json={})])
        transport = httpx.MockTransport(lambda request: next(answers))
        with closing(make_client("http://x", time, transport=transport)) as client:
            ask(client)
        assert time.slept == [9.0]

    def test_above_the_cap_ends_the_call_and_is_passed_on(self, llm, time):
        llm.queue.append(Answer(status=429, headers={"Retry-After": "3600"}))
        with closing(make_client(llm.base_url, time)) as client, pytest.raises(EndpointFailed) as e:
            ask(client)
        assert (e.value.retryable, e.value.retry_after, time.slept) == (True, 3600.0, [])

    @pytest.mark.parametrize("value", ["soon", "", "-5", "NaN"])
    def test_nonsense_is_ignored(self, llm, time, value):
        llm.queue.append(Answer(status=429, headers={"Retry-After": value}))
        with closing(make_client(llm.base_url, time)) as client:
            ask(client)
        assert time.slept == [0.5]


class TestBudget:
    def test_no_wait_goes_past_it(self, llm, time):
        llm.queue.extend([Answer(status=503, headers={"Retry-After": "6"})] * 4)
        with (
            closing(make_client(llm.base_url, time, retry=RetryPolicy(budget_seconds=10))) as client,
            pytest.raises(EndpointFailed),
        ):
            ask(client)
        assert time.slept == [6.0]

    def test_a_dripping_answer_is_cut_off(self, time):
        def drip() -> Iterator[bytes]:
            for _ in range(100):
                time.now += 1
                yield b" "

        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=drip()))
        client = make_client("http://x", time, retry=RetryPolicy(budget_seconds=10), transport=transport)
        with closing(client), pytest.raises(EndpointFailed, match="time budget"):
            ask(client)
        assert time.now == 1011


class TestBreaker:
    def test_opens_after_five_failures_and_closes_after_a_good_probe(self, llm, time):
        llm.queue.extend([Answer(status=500)] * 5)
        with closing(make_client(llm.base_url, time)) as client:
            for _ in range(2):
                with pytest.raises(EndpointFailed):
                    ask(client)
            with pytest.raises(EndpointFailed, match="keeps failing") as e:
                ask(client)
            assert (e.value.retryable, client.is_open, len(llm.requests)) == (True, True, 5)
            time.now += 30
            ask(client)
            assert not client.is_open

    def test_a_failed_probe_opens_it_again(self, time):
        breaker = CircuitBreaker(clock=time.clock)
        for _ in range(5):
            breaker.record_failure()
        time.now += 30
        assert [breaker.allow_call(), breaker.allow_call()] == [True, False]
        breaker.record_failure()
        time.now += 29
        assert not breaker.allow_call()

    def test_a_lost_probe_gives_its_place_away(self, time):
        breaker = CircuitBreaker(clock=time.clock, probe_seconds=60)
        for _ in range(5):
            breaker.record_failure()
        time.now += 30
        assert breaker.allow_call()
        time.now += 60
        assert breaker.allow_call()

    def test_threads_get_one_probe_between_them(self, time):
        breaker = CircuitBreaker(clock=time.clock)
        for _ in range(5):
            breaker.record_failure()
        time.now += 30
        admitted: list[bool] = []
        threads = [threading.Thread(target=lambda: admitted.append(breaker.allow_call())) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sum(admitted) == 1

    def test_a_refused_request_does_not_open_it(self, llm, time):
        llm.queue.extend([Answer(status=400)] * 6)
        with closing(make_client(llm.base_url, time)) as client:
            for _ in range(6):
                with pytest.raises(EndpointFailed):
                    ask(client)
            assert not client.is_open


def test_neither_logs_nor_errors_hold_text_or_keys(llm, time, caplog):
    caplog.set_level(logging.DEBUG)
    echo = {"error": {"code": "the secret plan", "type": "x y", "message": f"the secret plan {KEY}"}}
    llm.queue.extend([Answer(status=500, body=echo), Answer(status=400, body=echo)])
    with closing(make_client(llm.base_url, time)) as client, pytest.raises(EndpointFailed) as e:
        ask(client)
    ours = caplog.text + str(e.value) + repr(e.value)
    assert "secret plan" not in ours
    assert KEY not in ours
    assert "answered 400." in str(e.value)
