"""Plans lie ahead, ended states behind; both are the speaker's word."""

import pytest

from app.core.vocabulary import Frame
from app.memory.text.parsed_text import SentenceParser
from tests.memory.extraction.offline.frames.reading import read, words_of

PLANNED = [
    "I'm going to learn the oboe.",
    "We will move to Ede.",
    "I'll be in Nancy until Sunday.",
    "My sister is getting married in August.",
    "I'm flying to Lima next week.",
    "We're seeing the notary on Thursday.",
    "I've booked a cabin in Sortland.",
    "The removal van is booked for Monday.",
    "My exam is tomorrow.",
    "The concert is on 3 October.",
    "I plan to retire early.",
    "I intend to sell the boat.",
    "I'm about to become a father.",
    "My surgery is scheduled for May.",
    "I won't be at work on Friday.",
    "Tomorrow I start at the mint.",
    "We shall visit my aunt in Porto.",
    "I reserved a table at Leo's.",
    "My brother is arriving tonight.",
    "They are going to tear down our school.",
    "My course begins next Monday.",
]
ENDED = [
    "I used to smoke a pipe.",
    "I no longer work at the mint.",
    "I don't eat meat any more.",
    "I don't live there anymore.",
    "I quit my job at the bakery.",
    "We sold the caravan.",
    "My grandmother died in March.",
    "Tom and I broke up.",
    "I gave up chess.",
    "My father retired in 2019.",
    "I've stopped taking the pills.",
    "My husband left the band.",
    "The trip was cancelled.",
    "They called off the wedding.",
    "I got laid off last week.",
    "My passport has expired.",
    "My parents got divorced.",
    "I got rid of my car.",
    "I dropped out of college.",
    "Our local pub closed down.",
    "I'm done with dating apps.",
]
ASSERTED = [
    "I'm used to the noise.",
    "I left my keys at home.",
    "I go to Rome every Friday.",
    "I work at the mint.",
    "She never quit her job.",
    "I am going to the gym.",
    "I play squash on Tuesday evenings.",
    "My birthday is on 4 June.",
    "I didn't sell the house.",
    "My son goes to bed at seven.",
    "I was in Rome last May.",
    "I'm off to the gym.",
    "I got fired up about chess.",
    "Had a look at it and it was fine.",
]


@pytest.mark.parametrize(
    ("text", "frame"),
    [(text, Frame.PLANNED) for text in PLANNED]
    + [(text, Frame.ENDED) for text in ENDED]
    + [(text, Frame.ASSERTED) for text in ASSERTED],
)
def test_plans_and_ends_are_told_apart(parser: SentenceParser, text: str, frame: Frame) -> None:
    assert [(s.frame, words_of(s)) for s in read(parser, [text])] == [(frame, text)]
