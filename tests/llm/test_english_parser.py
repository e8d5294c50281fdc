"""The parser: what it remembers of words changes nothing of what it says of them."""

import pytest

from app.llm.english_parser import LEMMA_STEPS, EnglishParser
from app.memory.text.parsed_text import ParsedSentence
from tests.parsing import PARSER

TEXTS = [
    "I'm gonna leave.",
    "You got to the shop, and I gotta go.",
    "Let's swim. She lets us in. The let is his.",
    "C'mon, he sat on it.",
    "Y'all are late, and all of us are.",
    "It ain't so, and they ain't here.",
    "There is a cat. There's one there; it is here.",
    "There were two, and they were old.",
    "He left. Turn left at the left bank.",
    "She saw a saw.",
    "They found what they found, and founded a firm.",
    "The leaves fall; he leaves in the fall.",
    "I do not. I don't. I do it. Do you?",
    "She's had it, it's hers, and she'd had it before.",
    "I like dogs. He is like a dog.",
    "MY CAT Is OLD and my cat is Old",
    "i've been to the Bahamas and the United States",
    "Two  spaces\n\nand breaks\there.",
    "😀 ok!! ... (yes) [no]",
    "Ann's and the Smiths' cars",
    "Zorbling the zorbled zorbles zorbles.",
    "What is rewarding is the work. He is rewarding her, and it was rewarding.",
    "I went camping. We are camping. The camping was good.",
    "Inspiring people are inspiring us; her talk was inspiring.",
    "Painting is fun. Painting the wall took hours.",
    "A loving aunt is loving it. He was a loved man.",
    "I have been feeling ill. A feeling came. I felt it, and I got my felt.",
    "Cook this. Cook is his name. A cook cooks.",
    "",
]


@pytest.fixture(scope="module")
def without_memory() -> list[list[ParsedSentence]]:
    parser = EnglishParser()
    pipeline = parser._pipeline
    pipeline.remove_pipe("known_lemmas")
    for name in LEMMA_STEPS:
        pipeline.enable_pipe(name)
    return parser.parse_texts(TEXTS)


@pytest.mark.parametrize("order", [1, -1])
def test_a_word_that_is_known_reads_as_one_that_is_not(
    without_memory: list[list[ParsedSentence]], order: int
):
    for _ in range(2):  # the second time each word is known
        assert PARSER.parse_texts(TEXTS[::order]) == without_memory[::order]


def test_a_number_is_its_own_lemma_beside_known_words():
    for number in ("3", "17", "2019", "86400"):  # only the first text has words that are not known yet
        (sentence,) = PARSER.parse_texts([f"I bought {number} chairs."])[0]
        assert [token.lemma for token in sentence.tokens] == ["I", "buy", number, "chair", "."]
