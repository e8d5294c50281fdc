"""Relatives of a further degree are one word to the parser, and no relatives of the nearest degree."""

import pytest

from app.memory.text.kinship import JOINT, join_compounds, nearest_relation
from tests.parsing import PARSER

COMPOUNDS = [
    ("great-aunt", "aunt"), ("great-uncle", "uncle"), ("great-grandmother", "grandmother"),
    ("great-great-grandfather", "grandfather"), ("great-nephew", "nephew"), ("great-niece", "niece"),
    ("mother-in-law", "mother"), ("father-in-law", "father"), ("sister-in-law", "sister"),
    ("brother-in-law", "brother"), ("daughter-in-law", "daughter"), ("son-in-law", "son"),
    ("step-dad", "dad"),
    ("step-mother", "mother"), ("step-sister", "sister"), ("step-son", "son"), ("half-brother", "brother"),
    ("half-sister", "sister"), ("foster-mother", "mother"), ("foster-son", "son"), ("ex-wife", "wife"),
    ("ex-boyfriend", "boyfriend"), ("husband-to-be", "husband"),
]  # fmt: skip


class TestKinship:
    @pytest.mark.parametrize(("word", "nearest"), COMPOUNDS)
    def test_the_nearest_relation(self, word, nearest):
        assert nearest_relation(word) == nearest

    @pytest.mark.parametrize(
        ("word", "nearest"),
        [
            ("great-" * 20_000 + "aunt", "aunt"),
            ("aunt" + "-in-law" * 20_000, "aunt"),
            (("ex-" * 3 + "great-step-") * 5_000 + "son" + "-to-be-in-law" * 5_000, "son"),
            ("great-", ""),
        ],
    )
    def test_of_any_degree(self, word, nearest):
        assert nearest_relation(word) == nearest

    @pytest.mark.parametrize("word", [word for word, _ in COMPOUNDS])
    def test_is_the_subject_of_its_sentence_as_one_word(self, word):
        (sentence,) = PARSER.parse_texts([f"My {word} works at a bakery in Bonn."])[0]
        token = next(token for token in sentence.tokens if token.text == word)
        assert token.relation == "nsubj"
        assert sentence.tokens[token.head].text == "works"
        assert (token.start, token.end) == (3, 3 + len(word))

    @pytest.mark.parametrize(
        "text",
        ["a ten-year-old", "a law-abiding aunt", "the step-by-step guide", "a two-in-one", "well-to-do"],
    )
    def test_other_hyphens_stay(self, text):
        assert join_compounds(text) == text
        assert JOINT not in text
