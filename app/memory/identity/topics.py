"""Finds the attributes that an English sentence is about."""

from app.memory.identity.attributes import ATTRIBUTES


def find_topics(text: str) -> frozenset[str]:
    """The canonical names of the attributes that an English sentence is about, by its phrases."""
    folded = text.casefold()
    return frozenset(
        name for name, spec in ATTRIBUTES.items() if any(word in folded for word in spec.topic_words)
    )
