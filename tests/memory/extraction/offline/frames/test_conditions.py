"""What holds only under a condition is not said to hold."""

import pytest

from app.memory.text.parsed_text import SentenceParser
from tests.memory.extraction.offline.frames.reading import find_mistakes, read_words

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["If my visa comes through, we move to Osaka."], [], ["Osaka"]),
    (["Unless it snows, I'll cycle to Gent."], [], ["Gent"]),
    (["I'll adopt a kitten as long as my landlord allows it."], [], ["kitten"]),
    (["I'm buying a boat, provided I get the bonus."], [], ["boat"]),
    (["Had I stayed in school, I'd be a vet now."], [], ["vet"]),
    (["Were I rich, I would own a vineyard."], [], ["vineyard"]),
    (["Should my back get worse, I'm giving up tennis."], [], ["tennis"]),
    (["I'd be fluent in Arabic if I practised."], [], ["Arabic"]),
    (["If she says yes, I'm a married man and we live in Bath."], [], ["married", "Bath"]),
    (["Assuming the bank agrees, the house in Elm Street is ours."], [], ["Elm"]),
    (["In the event that I win, I'm treasurer of the club."], [], ["treasurer"]),
    (["Once the divorce is final, she'll move to Cannes."], [], ["Cannes"]),
    (["If it's a girl, we'll call her Matilda."], [], ["Matilda"]),
    (["We're having twins if the scan is right."], [], ["twins"]),
    (["With a bit of luck I'd be a pilot by now."], [], ["pilot"]),
    (["If I pass, then I'm a lawyer, my parents are proud and I get a car."], [], ["lawyer", "proud", "car"]),
    (["When I win the lottery I'll buy an island."], [], ["island"]),
    (["I would live in Kyoto if I could."], [], ["Kyoto"]),
    (["On condition that he apologises, my brother is invited."], [], ["invited"]),
    (["Supposing the deal closes, I own half of the shop."], [], ["shop"]),
    (["I might be a father soon if the test is right."], [], ["father"]),
    (["If only one of us gets the job, we stay in Graz."], [], ["Graz"]),
    (["If I get the job, I'll move to Metz, but I live in Nancy now."], ["Nancy"], ["Metz"]),
    (["I'm moving in with Tom if he asks me."], [], ["Tom"]),
    (["If they hire me I start in Bonn on Monday and I'm rich."], [], ["Bonn", "rich"]),
    (["As long as it doesn't rain, the party is in our garden."], [], ["garden"]),
    (["In case I get the scholarship, I move to Yale."], [], ["Yale"]),
    (["Had we known, we'd have bought the flat in Ede."], [], ["Ede"]),
    (["Were it up to me, my son would be a vet."], [], ["vet"]),
    (["If I'm pregnant, I quit smoking."], [], ["pregnant"]),
    (["Then I'd be a grandmother."], [], ["grandmother"]),
    (["I'd have three cats if my husband weren't allergic."], [], ["three cats"]),
    (["Once the loan is approved we're buying the mill in Ede."], [], ["mill"]),
    (["My daughter will study in Delft if she passes."], [], ["Delft"]),
    (["If so, I'm selling my car."], [], ["car"]),
    (["Otherwise I would be living in Kyiv now."], [], ["Kyiv"]),
    (["If not for my kids, I'd live in Goa."], [], ["Goa"]),
    (["But for my bad back I would be a dancer."], [], ["dancer"]),
    (["If my aunt dies, then I own a castle. I also get her dog."], [], ["castle"]),
]
# These look alike and are said.
SAID = [
    (["If I remember correctly, I was born in Split."], ["Split"], []),
    (["I'm allergic to eggs, if that matters."], ["eggs"], []),
    (["If you ask me for code, always use Rust."], ["Rust"], []),
    (["If you're wondering, I live in Kobe."], ["Kobe"], []),
    (["I carry an inhaler in case I get an attack."], ["inhaler"], []),
    (["I asked if the shop was open; my car is parked outside."], ["parked"], []),
    (["I usually take the tram if it rains."], ["tram"], []),
    (["Even if it rains, I run every morning."], ["run"], []),
    (["It looks as if I have the flu."], ["flu"], []),
    (["I'll let you know if I need help. I live in Brno."], ["Brno"], []),
    (["When I ask for a recipe, give me metric units."], ["metric"], []),
    (["When I visited Bari, I lost my ring."], ["ring"], []),
    (["When I retire in June, I'm going to move to Crete."], ["Crete"], []),
    (["If I'm honest, I hate my job at the mint."], ["mint"], []),
    (["If anyone cares, I turned 50."], ["50"], []),
    (["I have a car, if you need a lift."], ["car"], []),
    (["I don't know if you remember, but I have a twin."], ["twin"], []),
    (["Whether it rains or not, I walk to work."], ["walk"], []),
    (["If I eat nuts I always get a rash."], ["rash"], []),
    (["Given that I'm diabetic, I avoid sugar."], ["sugar"], []),
    (["Once I lived in Rome."], ["Rome"], []),
    (["I was once a monk."], ["monk"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(turns: list[str], kept: list[str], dropped: list[str]) -> None:
    assert find_mistakes(turns, kept, dropped) == ([], [])


# What comes true again and again, and what is asked for politely, under an "if".
TRUE_UNDER_IF = [
    "If I touch latex I come out in blisters.",
    "If I drink red wine, my face goes red.",
    "I get heartburn if I eat after nine.",
    "If I skip lunch I feel dizzy by four.",
    "I can't concentrate if I hear music.",
    "If I eat too much bread, my belly aches.",
    "My hands shake if I drink espresso.",
    "If it snows, I work from home.",
    "If I have coffee in the evening I lie awake all night.",
    "I sneeze if I pet rabbits.",
    "If I don't stretch, my neck hurts.",
    "I'd appreciate it if you wrote in Dutch.",
    "I'd be grateful if you kept it short.",
    "It would be great if you addressed me as Captain.",
    "I would be happy if you used bullet points.",
]
# The condition says for whom the rest is told.
TRUE_UNDER_IF += [
    "If the nursery needs me it's 07700 900871.",
    "If anyone is looking for me, I'm at my mum's until Sunday.",
    "If you need to reach me, my office number is 555-0192.",
    "I'm in the garden if the postman wants me.",
    "If work calls me I'm on leave until the ninth.",
    "If anybody asks for us, we are on the allotment.",
    "If the school misses me at pickup, my sister is there.",
]
ONE_CONDITION = [
    "If they need me I'd be at home.",
    "If he asks for me I quit.",
    "If they want me they can call my agent.",
    "If she finds us we will be in Nice.",
    "I'm joining the choir in Ulm, but only if they sing Bach.",
    "We move to Bonn, and only if the school is good.",
    "If I pass the exam, I start at the hospital in Reims.",
    "If I sell my flat, I go back to Chile.",
    "If the scan is clear, I'm cured.",
    "If they promote me, I get an office in Basel.",
    "If my visa arrives I fly to Lima.",
    "If I marry Tom, I live in Perth.",
    "I'd be happy if my sister moved to Genoa.",
    "If I win, I own a horse.",
    "If I inherit the farm, I keep goats.",
]


@pytest.mark.parametrize("text", TRUE_UNDER_IF)
def test_general_truth_and_polite_request_are_asserted(parser: SentenceParser, text: str) -> None:
    assert read_words(parser, [text]) == text


@pytest.mark.parametrize("text", ONE_CONDITION)
def test_condition_that_comes_true_once_is_none(parser: SentenceParser, text: str) -> None:
    assert read_words(parser, [text]) == ""
