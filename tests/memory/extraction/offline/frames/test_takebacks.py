"""What is taken back was not meant."""

import pytest

from app.memory.text.parsed_text import SentenceParser
from tests.memory.extraction.offline.frames.reading import read_words

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["I'm the queen of Mars. And I own a comet. Just kidding!"], [], ["Mars", "comet"]),
    (["My wife is a mermaid. She sings in the bath tub. Just kidding."], [], ["mermaid", "sings"]),
    (["I was born on the moon. I rule the tides. None of that is true."], [], ["moon", "tides"]),
    (["I'm opening a circus.", "Not serious, mate."], [], ["circus"]),
    (["I'm naming the cat Nero.", "I wasn't, never mind that."], ["cat Nero"], []),
    (["The party is on the 3rd of May.", "Sorry, the 4th of May I should have said."], ["4th"], ["3rd"]),
    (["Our table is number 12.", "Oops, number 21 I meant."], ["21"], ["number 12"]),
    (["I married a pirate. Just joking!"], [], ["pirate"]),
    (["My wife is an astronaut. I'm kidding, she's a nurse."], ["nurse"], ["astronaut"]),
    (["I eat nails for breakfast... nah, I'm messing with you."], [], ["nails"]),
    (["I own a castle. Not really, it's a shed."], ["shed"], ["castle"]),
    (["I was born on the moon. That was a joke, I'm from Perth."], ["Perth"], ["moon"]),
    (["I've got a tattoo of a duck on my forehead.", "Haha, only teasing."], [], ["tattoo"]),
    (["We named our baby Excalibur.", "Sorry, I made that up."], [], ["Excalibur"]),
    (["I'm 140 years old, just kidding."], [], ["140"]),
    (["My cat has a degree in law. Gotcha! You believed me."], [], ["degree"]),
    (["I'm quitting and joining a monastery. April fools!"], [], ["monastery"]),
    (["I can fly. jk"], [], ["fly"]),
    (["I ate a whole cow yesterday. I'm just messing around."], [], ["cow"]),
    (["I live in Hobart. Scratch that."], [], ["Hobart"]),
    (["I'm the Duke of Kent. I was being silly."], [], ["Duke"]),
    (["I've never had a cold. That's not true, of course."], [], ["never had a cold"]),
    (
        ["My horse plays chess. No, I was winding you up. I do have a horse though."],
        ["have a horse"],
        ["chess"],
    ),
    (["I've been to Mars twice. It was a lie."], [], ["Mars"]),
    (["I've eleven wives. None of that is true."], [], ["wives"]),
    (["I have a pet shark. I lied, it's a goldfish."], ["goldfish"], ["shark"]),
    (["I'm moving to Antarctica to sell ice.", "I was just having you on!"], [], ["Antarctica"]),
    (["I work for the CIA. Psych!"], [], ["CIA"]),
    (["I play chess with the king of Spain. I take that back."], [], ["king of Spain"]),
    (["My dog is called Rex, sorry, I meant Max."], [], ["Rex"]),
    (["I was born in 1987. Correction: 1978."], [], ["1987"]),
    (["I'm a professional sumo wrestler. Lol no, I'm an accountant."], ["accountant"], ["sumo"]),
    (["My goldfish speaks Latin. Haha kidding."], [], ["goldfish"]),
    (["I won the Nobel Prize! Only kidding, I got a participation certificate."], ["certificate"], ["Nobel"]),
    (["My grandma skydives every week.", "JK!"], [], ["skydives"]),
    (["I had a pet dinosaur as a child.", "That was just a joke."], [], ["dinosaur"]),
    (["My house has forty bedrooms.", "lol just messing with you"], [], ["forty"]),
    (["I speak fluent Elvish, I'm totally joking of course."], [], ["Elvish"]),
    (["I've been married nine times. No, seriously, I'm joking."], [], ["nine"]),
    (["I'm the inventor of the wheel. (Just kidding.)"], [], ["wheel"]),
    (["We keep a tiger in the bathroom. I'm pulling your leg, it's a kitten."], ["kitten"], ["tiger"]),
    (["I was raised by wolves. Okay, not really."], [], ["wolves"]),
    (["My wife is 12 feet tall. Obviously I'm exaggerating."], [], ["12 feet"]),
    (["I ate 50 eggs. Forget what I just said."], [], ["50"]),
    (["My flight is on Tuesday. Sorry, I meant Thursday."], [], ["Tuesday"]),
    (["My sister's name is Lena. Oops, I mean Lina."], [], ["Lena"]),
]
# These look alike and are said.
SAID = [
    (["I live in Oulu. Yesterday I married a robot. Just kidding!"], ["Oulu"], ["robot"]),
    (["My cat is ill. I eat glass for lunch. Joking!"], ["ill"], ["glass"]),
    (["I have three sons. I swam to the moon. I had you there!"], ["three sons"], ["moon"]),
    (["I have two sons. I mean, it's great."], ["two sons"], []),
    (["My brother loves joking about my cooking."], ["joking"], []),
    (["I told a joke at the wedding and nobody laughed."], ["wedding"], []),
    (["I'm not kidding, I really work at a zoo."], ["zoo"], []),
    (["I'm a plumber, no joke."], ["plumber"], []),
    (["I live in Riga.", "Not really."], ["Riga"], []),
    (["I live in Riga.", "Never mind."], ["Riga"], []),
    (["I live in Riga.", "That's not true."], ["Riga"], []),
    (["My wife is pulling out of the race in May."], ["race"], []),
    (["I live in Cairo. My brother is kidding himself about his diet."], ["Cairo"], []),
    (["I run 40 km before breakfast. Who am I kidding, I hate running."], ["hate running"], []),
    (["I live in Quito and I work as a vet. I take that back, I got fired yesterday."], ["fired"], []),
    (["I work at Bosch, no wait, at Siemens."], ["Siemens"], []),
    (["My dad is a funny man, he is always joking."], ["funny man"], []),
    (["He was just kidding around when he broke the vase."], ["vase"], []),
    (["Jokes aside, I work in a morgue."], ["morgue"], []),
    (["All joking aside, my leg is broken."], ["leg"], []),
    (["I was lying on the beach in Nice all day."], ["Nice"], []),
    (["I made up with my sister."], ["sister"], []),
    (["I took back the shoes to the shop in Hove."], ["Hove"], []),
    (["I meant to call you: I have a new number, 555-0100."], ["555-0100"], []),
    (["I mean it, I live on a boat."], ["boat"], []),
    (["Wait, I forgot: I'm allergic to kiwi."], ["kiwi"], []),
    (["I'm a vet. No, I don't treat fish."], ["vet", "fish"], []),
    (["No, I live in Turku."], ["Turku"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(
    parser: SentenceParser, turns: list[str], kept: list[str], dropped: list[str]
) -> None:
    words = read_words(parser, turns)
    assert [text for text in kept if text not in words] == []
    assert [text for text in dropped if text in words] == []
