"""Checks that the quote of a fact proves it: what can be checked in content and value stands in the quoted
sentence.

Numbers, dates, names and negation are strict; common words are not, as a paraphrase has others. A sentence
that points back ("she", "there", "yes") may take names and numbers from what was said before it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.memory.extraction.claims import Basis, Claim
from app.memory.extraction.names import fold_words
from app.memory.extraction.quotes import WordedText, find_quote
from app.memory.text.stop_words import any_word_of
from app.memory.types import Fact, Turn

MAX_SENTENCE_CHARS = 1_000  # of the quoted sentence on each side of the quote
MAX_EARLIER_CHARS = 4_000  # of what was said before a sentence that points back
MAX_EARLIER_TURNS = 8
SHORT_SENTENCE_WORDS = 5  # so short a sentence is an answer, or goes on with what was said
# A pronoun, or an answer, takes its meaning from what was said before; "the boat" may, for names.
_POINTS_BACK = any_word_of(
    """
    he she it they him her them his hers its their theirs that these those there then one ones both other
    others another same such so either neither again yes yeah yep yup no nope nah sure exactly correct indeed
    absolutely definitely
    """
)
_NAMES_NOTHING_NEW = any_word_of("the this my our your we us you here")
_SUBJECT = any_word_of("i we my our")
_NAMING = any_word_of("called named names?")


@dataclass(frozen=True, slots=True)
class Background:
    """What a model read beside the segment: the turns before it, and related memories that are stored."""

    previous: Sequence[str] = ()
    related: Sequence[str] = ()


NO_BACKGROUND = Background()


class SegmentEvidence:
    """What the turns of a segment prove; their texts are analysed once."""

    def __init__(self, turns: Sequence[Turn], background: Background) -> None:
        self._turns = {turn.id: turn for turn in turns}
        self._order = [turn.id for turn in turns]
        self._background = background
        self._worded: dict[UUID, WordedText] = {}
        self._bases: dict[tuple[UUID, str], Basis] = {}
        names = " ".join(turn.name for turn in turns if turn.name)
        self._speakers = frozenset(fold_words(names))
        self._related = frozenset(fold_words(" ".join(background.related)))

    def check(self, fact: Fact, turn: Turn) -> tuple[Fact, str | None]:
        """The fact with the quote as it stands in its turn, and the reason to refuse it, if any."""
        worded = self._worded_text(turn.id)
        spans = find_quote(fact.quote, worded)
        if not spans:
            is_blank = bool(fact.quote.strip()) and fact.quote in turn.content
            return fact, "evidence" if is_blank and not WordedText(fact.quote).words else "quote"
        proved = next((span for span in spans if self._proves(fact, turn, span)), None)
        if fact.quote not in turn.content:
            fact = replace(fact, quote=worded.analysis.quote(*(proved or spans[0])))
        return fact, None if proved else "evidence"

    def _worded_text(self, turn_id: UUID) -> WordedText:
        if turn_id not in self._worded:
            self._worded[turn_id] = WordedText(self._turns[turn_id].content)
        return self._worded[turn_id]

    def _proves(self, fact: Fact, turn: Turn, span: tuple[int, int]) -> bool:
        worded = self._worded_text(turn.id)
        start, end = _surrounding_sentences(worded, span)
        sentence = worded.text[start:end]
        words = [word for word in worded.words if start <= word.start < end]
        quoted_telling = [word for word in words if span[0] <= word.start < span[1] and word.is_telling]
        is_short = len(words) <= SHORT_SENTENCE_WORDS
        if not quoted_telling and not (is_short and self._answers(turn)):
            return False
        if fact.content == fact.quote:
            return True
        # A short sentence without a subject goes on with what was said; so does one without a telling word.
        is_fragment = is_short and (_SUBJECT.search(sentence) is None or not any(w.is_telling for w in words))
        points_back = is_fragment or bool(fact.other_turn_ids) or _POINTS_BACK.search(sentence) is not None
        earlier = self._earlier(fact, turn, (start, end))
        near = f"{sentence}\n{_following_sentence(worded, end)}"
        claim = Claim(
            fact=fact,
            observed_at=turn.observed_at,
            sentence=self._basis(turn, sentence),
            # A date that was named in a sentence before counts for those after it.
            timed=self._basis(turn, worded.text[max(0, start - MAX_SENTENCE_CHARS) : end]),
            strict=self._basis(turn, f"{sentence}\n{earlier}" if points_back else sentence),
            lenient=self._basis(
                turn, f"{sentence}\n{earlier}" if points_back or _NAMES_NOTHING_NEW.search(sentence) else near
            ),
            speakers=self._speakers,
            related=self._related,
        )
        return claim.is_proved()

    def _basis(self, turn: Turn, text: str) -> Basis:
        """A text that a turn may have facts from: it is read once, as most facts share it with others."""
        text = text.rstrip("\n")
        if (turn.id, text) not in self._bases:
            self._bases[turn.id, text] = Basis(text, turn.observed_at)
        return self._bases[turn.id, text]

    def _answers(self, turn: Turn) -> bool:
        place = self._order.index(turn.id)
        before = (
            self._turns[self._order[place - 1]].content if place else "".join(self._background.previous[-1:])
        )
        return "?" in before or "\uff1f" in before

    def _earlier(self, fact: Fact, turn: Turn, sentence: tuple[int, int]) -> str:
        """What a sentence may point back to: the turns before, and the rest of its own turn."""
        place = self._order.index(turn.id)
        texts = list(self._background.previous[-MAX_EARLIER_TURNS:])
        texts += (
            self._worded_text(other).text for other in self._order[max(0, place - MAX_EARLIER_TURNS) : place]
        )
        texts += (self._worded_text(other).text for other in fact.other_turn_ids if other in self._turns)
        own = self._worded_text(turn.id).text
        earlier = "\n".join([*texts, own[: sentence[0]]])[-MAX_EARLIER_CHARS:]
        return f"{earlier}\n{own[sentence[1] : sentence[1] + MAX_SENTENCE_CHARS]}"


def _surrounding_sentences(worded: WordedText, span: tuple[int, int]) -> tuple[int, int]:
    """From the beginning of the sentence in which a quote begins to the end of the one in which it ends."""
    ends = worded.sentence_ends
    first, last = bisect_left(ends, span[0] + 1), bisect_left(ends, span[1])
    start = max(ends[first - 1] if first else 0, span[0] - MAX_SENTENCE_CHARS)
    return start, min(ends[min(last, len(ends) - 1)], span[1] + MAX_SENTENCE_CHARS)


def _following_sentence(worded: WordedText, end: int) -> str:
    """The sentence after one if it goes on about the same ("We got a puppy. He's called Rex.")."""
    following = next((other for other in worded.sentence_ends if worded.text[end:other].strip()), end)
    text = worded.text[end : min(following, end + MAX_SENTENCE_CHARS)]
    return text if _POINTS_BACK.search(text) or _NAMING.search(text) else ""
