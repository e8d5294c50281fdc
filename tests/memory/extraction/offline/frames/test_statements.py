"""What a statement tells: its words, who reported it, what it takes back; and that any text ends."""

import pytest

from app.core.vocabulary import Frame, Role
from app.memory.extraction.offline.statements import find_statements
from app.memory.text.limits import MAX_CHARS_READ, MAX_CLAUSES
from app.memory.text.parsed_text import SentenceParser
from tests.memory.extraction.offline.frames.reading import make_turn, read, words_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "I live in Gent, can you name a good baker?",
            [(Frame.ASSERTED, "I live in Gent"), (Frame.QUESTION, "can you name a good baker?")],
        ),
        (
            "I'm a roofer. I'd love to be a diver.",
            [(Frame.ASSERTED, "I'm a roofer."), (Frame.WISH, "I'd love to be a diver.")],
        ),
        (
            'My aunt always says "I am a bird", and then she sings.',
            [(Frame.REPORTED, 'My aunt always says "I am a bird"'), (Frame.ASSERTED, "then she sings.")],
        ),
        (
            "I live in Metz, but if I get the post I'll move to Lyon.",
            [
                (Frame.ASSERTED, "I live in Metz"),
                (Frame.HYPOTHETICAL, "if I get the post I'll move to Lyon."),
            ],
        ),
    ],
)
def test_clauses_of_one_sentence_have_frames_of_their_own(
    parser: SentenceParser, text: str, parts: list[tuple[Frame, str]]
) -> None:
    statements = read(parser, [text])
    assert [(s.frame, words_of(s)) for s in statements] == parts
    assert all("".join(t.text for t in s.tokens) in text.replace(" ", "") for s in statements)


@pytest.mark.parametrize(
    ("text", "reporter"),
    [
        ("Lena told me: I live in Nice.", "Lena"),
        ("My boss goes: I can't stand rain.", "My boss"),
        ("My doctor says I have asthma.", "My doctor"),
        ('"I own the moon," said the old man.', "the old man"),
        ("According to the vet, Truffle is fine.", "the vet"),
        ("Ben: I can't come, I'm in bed.", "Ben"),
        ("Rumour has it that I'm leaving.", None),
        ("As my grandfather used to say, I am too old for that.", "my grandfather"),
    ],
)
def test_the_reporter_is_named(parser: SentenceParser, text: str, reporter: str | None) -> None:
    statements = read(parser, [text])
    assert {s.frame for s in statements} == {Frame.REPORTED}
    assert {s.reporter for s in statements} == {reporter}


def test_the_labels_of_the_speaker_are_their_own(parser: SentenceParser) -> None:
    assert [s.frame for s in read(parser, ["Ben: I'm in bed."], name="Ben Cole")] == [Frame.ASSERTED]


def test_a_joke_in_the_turn_before_is_resolved(parser: SentenceParser) -> None:
    turns = [
        make_turn(0, "I've bought a submarine."),
        make_turn(1, "Really?", Role.ASSISTANT),
        make_turn(2, "No, just kidding."),
    ]
    told, taken_back = find_statements(turns, parser)
    assert told.frame is Frame.TAKEN_BACK
    assert taken_back.frame is Frame.TAKEN_BACK
    assert taken_back.retraction is not None
    assert taken_back.is_resolved


def test_what_stands_before_the_segment_is_left_to_others(parser: SentenceParser) -> None:
    (statement,) = read(parser, ["I was only joking about the submarine."])
    assert statement.retraction is not None
    assert not statement.is_resolved
    assert statement.retraction.words == ("submarine",)


def test_another_speaker_takes_back_nothing_of_the_first(parser: SentenceParser) -> None:
    turns = [make_turn(0, "I've bought a boat.", name="Ann"), make_turn(1, "Just kidding.", name="Bo")]
    assert [s.frame for s in find_statements(turns, parser)] == [Frame.ASSERTED, Frame.TAKEN_BACK]


def test_a_correction_names_what_it_corrects(parser: SentenceParser) -> None:
    told, correction = read(parser, ["I live in Oslo. No wait, I meant Bergen."])
    assert told.frame is Frame.TAKEN_BACK
    assert correction.corrected == told
    assert correction.retraction is not None
    assert correction.retraction.is_correction


def test_the_assistant_states_nothing(parser: SentenceParser) -> None:
    assert list(find_statements([make_turn(0, "You live in Rome.", Role.ASSISTANT)], parser)) == []


HOSTILE = [
    '"' * 200_000,
    "'a b " * 2_000,
    "“" * 2_000 + "x" + "”" * 2_000,
    'He said "if I, ' * 400,
    "I live in Rome. Just kidding! " * 400,
    "Dear X, suppose no, I meant " * 300,
    "Ann: I live\n" * 900,
    "x" * 1_000_000,
    " \n" * 500_000,
    "{<a b=" * 50_000,
    "```\n" * 40_000,
    "\x00\u202e\ufeff" * 3_000,
    "?😀" * 3_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_read_up_to_the_limits(parser: SentenceParser, text: str) -> None:
    statements = read(parser, [text])
    assert len(statements) <= 2 * MAX_CLAUSES
    assert all(s.span[1] <= MAX_CHARS_READ for s in statements)


def test_an_empty_turn_states_nothing(parser: SentenceParser) -> None:
    assert read(parser, ["", " ", "\n\n", "…", "🙂"]) == []
