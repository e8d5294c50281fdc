"""Which memories a text may concern: by the words of its objects, beside the nearness of vectors.

Half of all changes leave no likeness between the two sentences ("has a flat in Leeds", "handed back the Leeds
keys"); a shared name or noun, or a shared topic, finds them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from app.core.text_caches import text_cache
from app.memory.identity.attributes import find_topics
from app.memory.text.analysis import analyze_text

# Stems of words that every second statement has: they name no object.
_COMMON_WORDS = """
user live work have like love want need get go come make take know think say tell use plan start stop end
keep call name feel find give move change new old good great big little long day week month year time
today tomorrow yesterday morning evening night home house people person thing way lot still back now
friend family currently recently really first last next one two three four five six seven eight nine ten
used quit leave left sell sold buy bought lost lose finish longer anymore more monday tuesday wednesday
thursday friday saturday sunday january february march april june july august september october november
december
"""
_COMMON_STEMS = frozenset(analyze_text(_COMMON_WORDS))
MAX_SEARCHED_WORDS = 120  # of one batch; the pattern that finds them stays short


@text_cache()
def object_words(content: str) -> frozenset[str]:
    """The stems of a text that name what it is about: its content words without those that are everywhere."""
    return frozenset(
        term
        for term in analyze_text(content)
        if term not in _COMMON_STEMS and (len(term) > 2 or term.isdigit())
    )


MIN_STEM = 5  # letters in which two stems agree that are of one family ("apply", "application")
MAX_STEM_REST = 4


def shared_stems(wanted: frozenset[str], held: frozenset[str]) -> frozenset[str]:
    """Those of the wanted stems that are among the held ones, or are of one family with one of them."""
    found = wanted & held
    missing = [stem for stem in wanted - found if len(stem) >= MIN_STEM]
    related = (stem for stem in missing if any(_are_related(stem, other) for other in held))
    return found | frozenset(related)


def _are_related(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    is_long = len(short) >= MIN_STEM and len(long) - len(short) <= MAX_STEM_REST
    return is_long and long.startswith(short) and short.isalpha()


def rank_by_words(
    contents: Mapping[UUID, str], text: str, ignored: frozenset[str] = frozenset()
) -> list[tuple[UUID, float]]:
    """(memory, score) of the memories that share words or topics with a text, best first.

    A word counts by how few of `contents` have it.
    """
    frequency = Counter(word for content in contents.values() for word in object_words(content))
    wanted, topics = object_words(text) - ignored, find_topics(text)
    scores: dict[UUID, float] = {}
    for memory_id, content in contents.items():
        score = sum(1 / frequency[word] for word in wanted & object_words(content))
        score += 0.5 * len(topics & find_topics(content))
        if score > 0:
            scores[memory_id] = score
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def searched_words(texts: Sequence[str], ignored: frozenset[str] = frozenset()) -> list[str]:
    """The words by which memories that the texts may concern are found, the rarest of the texts first."""
    counts = Counter(word for text in texts for word in object_words(text) - ignored)
    return [word for word, _ in sorted(counts.items(), key=lambda pair: (pair[1], pair[0]))][
        :MAX_SEARCHED_WORDS
    ]
