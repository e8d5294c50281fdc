"""A body that is read in pieces means what it would mean read at once."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from app.api.entrance import incremental_json
from app.api.entrance.incremental_json import (
    MAX_ERRORS,
    InvalidMessages,
    JsonFault,
    MessageArray,
    parse_large_object,
)
from app.core.errors import InvalidInput
from app.schemas.ingestion.turns import AddTurns, NewTurn

TURNS = MessageArray("turns", NewTurn, 5)
ONE = '{"role": "user", "content": "Hello."}'


def of(turns: str, more: str = "") -> str:
    return f'{{"user_id": "ann", "session_id": "s",{more} "turns": [{turns}]}}'


VALID = {
    "one turn": of(ONE),
    "five turns": of(",".join([ONE] * 5)),
    "spaces": of(f" \t\r\n{ONE}\n , {ONE} ").replace(":", " : ").replace(",", " ,\n"),
    "no space": of(ONE).replace(" ", ""),
    "escapes": of('{"role": "user", "content": "\\u00e9\\ud83d\\ude00\\n\\"]}"}'),
    "brackets in a text": of('{"role": "user", "content": "]}],{\\\\"}'),
    "other scripts": of('{"role": "user", "content": "Ålesund 北京 😀"}'),
    "a field twice": of(ONE, ' "user_id": "bob",'),
    "turns twice": of(ONE, f' "turns": [{ONE}, {ONE}],'),
    "numbers": of('{"role": "user", "content": "x", "metadata": {"a": [1, -2.5e10, 0, true, null]}}'),
    "deep": of('{"role": "user", "content": "x", "metadata": {"a": [[[[[{}]]]]]}}'),
    "all fields": of(
        '{"role": "user", "content": "x", "name": "Ann", "ref": "r", "observed_at": "2026-01-01T00:00:00Z",'
        ' "place": {"name": "Oslo"}, "shown_memory_ids": ["0190163d-8694-739b-aea5-966c26f8ad91"]}',
        ' "close_session": true, "agent_id": null,',
    ),
    "turns first": '{"turns": [' + ONE + '], "user_id": "ann", "session_id": "s"}',
    "a mark of the byte order": "\ufeff" + of(ONE),
}
MALFORMED = {
    "nothing after the brace": "{",
    "a comma too many": '{"user_id": "ann",}',
    "a comma too many among turns": of(ONE + ","),
    "a comma that lacks": of(ONE + ONE),
    "a colon that lacks": '{"user_id" "ann"}',
    "a name without quotes": '{user_id: "ann"}',
    "a number as name": '{1: "ann"}',
    "turns that do not end": of(ONE)[:-2],
    "a turn that does not end": of(ONE)[:-4],
    "a text that does not end": of(ONE)[:-6],
    "something behind": of(ONE) + " {}",
    "a control character": of('{"role": "user", "content": "a\nb"}'),
    "an escape that is none": of('{"role": "user", "content": "\\x"}'),
    "a word": of("tru"),
    "behind other scripts": of('{"role": "user", "content": "北京😀"}, ?'),
}
INVALID = {
    "a role": of('{"role": "nobody", "content": "x"}'),
    "a number": of(f"{ONE}, 7"),
    "an unknown field": of('{"role": "user", "content": "x", "extra": 1}'),
    "an id": of('{"role": "user", "content": "x", "shown_memory_ids": ["x"]}'),
    "no content": of(f'{ONE}, {{"role": "user"}}'),
    "metadata": of('{"role": "user", "content": "x", "metadata": {"a": NaN}}'),
}


def table(cases: dict[str, str]) -> Any:
    return pytest.mark.parametrize("body", list(cases.values()), ids=list(cases))


@pytest.fixture(params=[None, 40], ids=["whole", "small windows"])
def _windows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first try at a value sees it whole, or only its beginning."""
    if request.param is not None:
        monkeypatch.setattr(incremental_json, "WINDOW_BYTES", request.param)


@pytest.mark.usefixtures("_windows")
class TestTheSameAsAtOnce:
    @table(VALID)
    def test_a_valid_body(self, body: str):
        raw = body.encode()
        assert AddTurns.model_validate(parse_large_object(raw, TURNS)) == AddTurns.model_validate(
            json.loads(raw)
        )

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-be"])
    def test_in_another_encoding(self, encoding: str):
        raw = VALID["other scripts"].encode(encoding)
        assert AddTurns.model_validate(parse_large_object(raw, TURNS)) == AddTurns.model_validate(
            json.loads(raw)
        )

    @table(MALFORMED)
    def test_says_where_it_is_no_json(self, body: str):
        with pytest.raises(json.JSONDecodeError) as at_once:
            json.loads(body)
        with pytest.raises(JsonFault) as in_pieces:
            parse_large_object(bytearray(body.encode()), TURNS)
        assert abs(in_pieces.value.at - len(body[: at_once.value.pos].encode())) <= 2
        assert in_pieces.value.what.split()[0] in {"Expecting", at_once.value.msg.split()[0]}

    @table(INVALID)
    def test_names_the_field(self, body: str):
        with pytest.raises(ValidationError) as at_once:
            AddTurns.model_validate(json.loads(body))
        with pytest.raises(InvalidMessages) as in_pieces:
            parse_large_object(body.encode(), TURNS)
        wanted = [(("body", *error["loc"]), error["msg"]) for error in at_once.value.errors()]
        assert [(error["loc"], error["msg"]) for error in in_pieces.value.errors] == wanted


class TestBounds:
    @pytest.mark.parametrize("body", ["[]", '"x"', "7", "", "[" * 100_000])
    def test_what_is_no_object_is_not_read(self, body: str):
        assert parse_large_object(body.encode(), TURNS) is None

    @pytest.mark.parametrize("body", [of("[" * 100_000), '{"a": ' + "[" * 100_000, of('{"a":' * 100_000)])
    def test_what_is_nested_too_deeply_is_refused(self, body: str):
        with pytest.raises((RecursionError, JsonFault)):
            parse_large_object(body.encode(), TURNS)

    def test_one_turn_too_many_ends_it(self):
        with pytest.raises(InvalidMessages) as refused:
            parse_large_object(of(",".join([ONE] * 6 + ["?"])).encode(), TURNS)
        assert refused.value.errors[0]["loc"] == ("body", "turns")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            (of('{"role": "user", "content": "' + "x" * 2**20 + '"}'), "turns[0]"),
            (of(ONE + ", [" + "1," * 2**20 + "1]"), "turns[1]"),
            (of(ONE, ' "agent_id": [' + "1," * 2**20 + "1],"), "agent_id"),
            ('{"' + "k" * 2**21 + '": 1}', "body"),
            ("{" + '"k": 1,' * 100 + '"z": 1}', "body"),
        ],
    )
    def test_a_piece_that_is_too_large_is_named(self, body: str, field: str):
        with pytest.raises(InvalidInput) as refused:
            parse_large_object(body.encode(), TURNS)
        assert refused.value.field == field

    def test_a_hundred_errors_are_enough(self):
        bad = '{"role": "user", "content": "x", "shown_memory_ids": [' + ",".join(["1"] * 90) + "]}"
        with pytest.raises(InvalidMessages) as refused:
            parse_large_object(of(",".join([bad, bad, "?"])).encode(), TURNS)
        assert len(refused.value.errors) == MAX_ERRORS
