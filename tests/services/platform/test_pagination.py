"""Cursors: what the service did not make is refused, whatever it says."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.core.errors import InvalidInput
from app.services.platform import pagination

DECODERS = (
    pagination.decode_cursor,
    pagination.decode_dated_cursor,
    pagination.decode_text_cursor,
    pagination.decode_named_cursor,
    lambda cursor: pagination.paginate_rows(["a"], str, cursor, 1),
)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "!!",
        "!!!!",
        " ",
        "=",
        "==",
        "A",
        "AA==",
        "a b",
        "_",
        "-",
        "ä",
        "\x00",
        "YQ=",
        "YQ==",
        "Y Q",
        "YQ\n",
        "%59%51",
        "YR",
        "../..",
        "💥",
        "Y" * 4001,
    ],
)
def test_what_the_service_did_not_make_is_refused(decode: Any, cursor: str):
    with pytest.raises(InvalidInput, match="not made by the service") as refused:
        decode(cursor)
    assert refused.value.field == "cursor"


def test_its_own_lead_back():
    ids, at = [uuid4(), uuid4()], datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert pagination.decode_cursor(pagination.encode_cursor(ids, 1)) == ids[0]
    assert pagination.decode_dated_cursor(pagination.encode_dated_cursor(at, ids[1])) == (at, ids[1])
    for name in ("a", "ä/ö ü", "a b  c", "💥", "=" * 7):
        assert pagination.decode_text_cursor(pagination.encode_text_cursor(name)) == name
        assert pagination.decode_named_cursor(pagination.encode_named_cursor(at, name)) == (at, name)
    shown, following = pagination.paginate_rows(["a", "b", "c"], str, None, 2)
    assert (shown, pagination.paginate_rows(["a", "b", "c"], str, following, 2)) == (
        ["a", "b"],
        (["c"], None),
    )


@pytest.mark.parametrize("cursor", [None])
@pytest.mark.parametrize("decode", DECODERS[:4])
def test_none_is_the_beginning(decode: Any, cursor: None):
    assert decode(cursor) is None
