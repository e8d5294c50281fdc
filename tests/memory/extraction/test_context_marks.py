"""A context that comes back is no statement of who posts it, in any format and however often it came."""

from uuid import UUID

import pytest

from app.memory.extraction.context_marks import MASK, mask_context_marks, remove_added_words
from app.memory.ranking.context_budget import ContextLine, fill_token_budget
from tests.memory.extraction.test_guard import fact, reasons, say

MEMORY = 'Ann calls her boat "Erna & Lou" since 2019.'
SAID = "I live in Oslo with two cats."
MEMORY_ID, TURN_ID = "01a22e84-b9a7-7792-9b2a-ffa997e0fd49", "01a22e84-b91f-7243-bdf3-8ebba18f1f92"
SHOWN = {UUID(MEMORY_ID): MEMORY, UUID(TURN_ID): SAID}


def render_context(output_format: str, *told: str) -> str:
    """The context of the memory, of its turn and of what else was told."""
    at = "2026-11-30T10:00:00+00:00"
    lines = [
        ContextLine(MEMORY_ID, True, at, MEMORY),
        ContextLine(TURN_ID, False, at, f"Ann: {SAID}"),
        *(ContextLine(TURN_ID, False, at, f"Ann: {text}", is_recent=True) for text in told),
    ]
    return fill_token_budget(lines, output_format, 100_000, len)[0]


def nest(output_format: str, depth: int, elided: bool) -> str:
    """A context in a context, `depth` times, the inner ones whole or as an excerpt shows them."""
    text = render_context(output_format)
    for _ in range(depth):
        inner = f"… {text.replace(chr(10), ' … ')} …" if elided else text
        text = render_context(output_format, inner)
    return text


@pytest.mark.parametrize("elided", [False, True], ids=["whole", "elided"])
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("output_format", ["text", "json", "xml"])
def test_no_line_of_a_context_in_a_context_is_the_speakers_own(
    output_format: str, depth: int, elided: bool
) -> None:
    block = nest(output_format, depth, elided)
    quotes = {block[:1000], *(line for line in block.splitlines() if len(line) < 1000)}
    echoes = [fact(quote, quote) for quote in quotes if MEMORY[:4] in quote]
    assert echoes
    assert reasons(echoes, [say(block)], SHOWN) == ["echo"] * len(echoes)


@pytest.mark.parametrize("output_format", ["text", "json", "xml"])
@pytest.mark.parametrize("elided", [False, True], ids=["whole", "elided"])
@pytest.mark.parametrize(
    "own", ["Also, I bought a boat last week.", "- Mon 30 November 2026 I sold the house in Rome."]
)
def test_own_words_beside_a_context_stay(output_format: str, elided: bool, own: str) -> None:
    turn = say(f"{nest(output_format, 2, elided)}\n\n{own}")
    assert reasons([fact(own, own)], [turn], SHOWN) == []


@pytest.mark.parametrize(
    "text",
    [
        "sun 7 may 2023 ann: i live in oslo",
        "- sun 7 may 2023 [0a1b2c] i live in oslo",
        "... - mon 30 november 2026 ann: i live here ...",
        "what is known about me: nothing",
        'it says {"id": "x", "text": "words"}',
        "<fact>water boils</fact",
        "",
    ],
)
def test_words_without_a_masked_line_stay(text: str) -> None:
    assert mask_context_marks(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "- sun 7 may 2023 ann: \0\0",
        "sun 7 may 2023 [0a1b2c] \0\0",
        "... - mon 30 november 2026 ann: ... - mon 30 november 2026 [a0] \0\0 ...",
        "- mon 30 november 2026 ann: ... - mon 30 november 2026 bob: ... - mon 1 may 2023 \0",
        "what is known: \0",
        "<memory> \0 </memory>",
    ],
)
def test_frames_of_masked_lines_are_masked_at_their_length(text: str) -> None:
    found = mask_context_marks(text)
    assert len(found) == len(text)
    assert not any(char.isalnum() for char in found)


@pytest.mark.parametrize(
    "hostile",
    ["- mon 30 november 2026 ann: ", "mon 30 november 2026 ", "... ", '{"id": "a', "<fact id='", "\\n"],
)
def test_the_longest_turn_of_marks_is_read_in_linear_time(hostile: str) -> None:
    text = remove_added_words((hostile * 70_000)[:65_536])
    assert len(mask_context_marks(text + MASK)) == len(text) + 1
