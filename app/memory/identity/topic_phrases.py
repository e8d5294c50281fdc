"""The phrases by which an English sentence is about an attribute, by its canonical name."""

from collections.abc import Mapping

from app.memory.identity.everyday_topics import EVERYDAY_PHRASES
from app.memory.identity.personal_topics import PERSONAL_PHRASES

TOPIC_PHRASES: Mapping[str, frozenset[str]] = {
    name: frozenset(phrase.strip() for phrase in phrases.split("; ") if phrase.strip())
    for name, phrases in (*PERSONAL_PHRASES.items(), *EVERYDAY_PHRASES.items())
}
