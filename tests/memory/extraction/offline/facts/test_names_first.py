"""A name at the beginning of an English sentence is no word of another language."""

import pytest

from app.memory.text.languages import detect_sentence_language, is_english

NAMES = ("Bo", "Mia", "Nu", "Ty", "Eu", "Ed", "Ni", "Ella", "Di", "Ida", "Per", "Siv")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "rest",
    [" reports to Ann.", "'s manager is Ann.", "’s manager is Ann.", " works in Oslo.", " lives with Tom."],
)
def test_a_name_at_the_beginning_is_no_foreign_word(name: str, rest: str):
    assert is_english(name + rest)


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Nos vamos a casa con los niños", "spanish"),
        ("Ella es médica", "spanish"),
        ("Di solito lavoro a Roma", "italian"),
        ("Mia sorella vive con noi", "italian"),
        ("Nous allons à Paris", "french"),
        ("Mes amis sont à Paris", "french"),
        ("Bo to jest dobre", "polish"),
        ("Eu moro com a minha irmã", "portuguese"),
    ],
)
def test_foreign_sentences_stay_foreign(sentence: str, language: str):
    assert detect_sentence_language(sentence) == language
