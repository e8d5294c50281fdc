"""Sets of words that are written as one text, which reads better than a list of literals."""


def word_set(words: str) -> frozenset[str]:
    """The words of a text that are separated by white space."""
    return frozenset(words.split())
