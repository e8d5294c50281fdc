"""What is only supposed, dreamt or would be is not said of the speaker."""

import pytest

from tests.memory.extraction.offline.frames.reading import find_mistakes

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["I'm imagining myself as a fisherman in Skagen. Would I cope?"], [], ["fisherman"]),
    (["I'm trying to picture it: me as a vicar in Wales."], [], ["vicar"]),
    (["Suppose my mother owned a vineyard in Tuscany. Would she pay tax on it?"], [], ["vineyard"]),
    (["Let us assume that I am colour-blind. Which palette fits?"], [], ["colour-blind"]),
    (["Say I have three kids and a mortgage, how much could I borrow?"], [], ["kids"]),
    (
        ["Pretend for a moment that we live on Mars. We grow potatoes there. What is the weather like?"],
        [],
        ["Mars", "potatoes"],
    ),
    (["Hypothetically speaking, my car gets stolen in Naples. Who pays?"], [], ["stolen"]),
    (["For argument's sake I'm a smoker. What would my premium be?"], [], ["smoker"]),
    (["Picture this: I run a hotel in Bali and my guests are all pirates."], [], ["hotel", "pirates"]),
    (["What if I were a millionaire?"], [], ["millionaire"]),
    (["What if I quit my job and moved to Peru?"], [], ["Peru"]),
    (
        ["Thought experiment: I have a clone. It lives in my attic. Who pays its rent?"],
        [],
        ["clone", "attic"],
    ),
    (["Consider a man who has two wives. Is he a bigamist?"], [], ["wives"]),
    (["In a parallel universe I'm an astronaut and my dog talks."], [], ["astronaut"]),
    (
        ["Assume I earn 80,000 a year. I rent out a room. How much tax is due? I live in Ghent."],
        ["Ghent"],
        ["80,000", "rent out"],
    ),
    (["Imagine you are in the jungle. You have a knife."], [], ["jungle", "knife"]),
    (
        ["Scenario: my tenant stops paying rent. I'm the landlord of six flats. What now?"],
        [],
        ["tenant", "landlord"],
    ),
    (["Let's pretend I speak Finnish.\n\nAnyway, I'm learning Greek at the moment."], ["Greek"], ["Finnish"]),
    (
        ["Suppose the following:\n- I own a bakery\n- I have two employees\n- I am 60\nHow would I sell it?"],
        [],
        ["bakery", "employees", "60"],
    ),
    (["I work as a carpenter. Now suppose I broke my hand at work, who'd pay me?"], ["carpenter"], ["broke"]),
    (["Theoretically, if my brother emigrated to Chile, could he vote?"], [], ["Chile"]),
    (
        ["Just imagine: I win the marathon, I buy a castle and I retire at thirty."],
        [],
        ["castle", "marathon"],
    ),
    (["Here's a scenario: my boss resigns and I take over her team."], [], ["resigns"]),
    (["If I were a bird, I'd live in Lisbon."], [], ["Lisbon"]),
    (["In another life I was a pirate."], [], ["pirate"]),
    (["I would have become a dentist if I'd had the grades."], [], ["dentist"]),
    (["I could have married a prince."], [], ["prince"]),
    (["I dreamt that I was the mayor of Bruges."], [], ["mayor"]),
    (
        ["Now imagine a patient with one kidney. I'm that patient. How much water should I drink?"],
        [],
        ["that patient"],
    ),
    (
        ["Let's imagine my parents are Swiss and I hold two passports; can I vote there?"],
        [],
        ["Swiss", "passports"],
    ),
    (["For the sake of the argument: my company makes arms. Would you work there?"], [], ["arms"]),
    (["Suppose that tomorrow I wake up blind."], [], ["blind"]),
    (["Okay, say my rent doubles. I earn 2000 a month. Can I afford it?"], [], ["doubles"]),
    (["Hypothetical question: my son fails maths. Must he repeat the year?"], [], ["fails"]),
    (["Try to imagine that I run a zoo."], [], ["zoo"]),
    (["Pretend I'm a five-year-old and explain gravity."], [], ["five-year-old"]),
    (["Assuming I was born in 1950, when do I get my pension?"], [], ["1950"]),
    (["What would happen if I stopped taking my insulin?"], [], ["insulin"]),
    (["What if my landlord sells the flat? Do I have to move?"], [], ["sells"]),
    (["In an ideal world I would work three days a week in Bern."], [], ["Bern"]),
    (["Purely hypothetically, I have a gun licence."], [], ["gun licence"]),
    (
        ["Suppose I inherit a farm. Suppose also that my brother wants it. Who gets it?"],
        [],
        ["farm", "brother"],
    ),
    (["Imagine this: you live in a castle, I live in a shed."], [], ["castle", "shed"]),
    (["Say we're in Rome and my wallet is gone. What do I do first?"], [], ["Rome", "wallet"]),
    (["I shouldn't have sold my bike; I should have kept it."], [], ["kept"]),
    (["Consider the following case. A woman of 30 has lupus. She smokes."], [], ["lupus"]),
    (["Last night I dreamed I was married to a baker."], [], ["married"]),
    (["In my dream I lived in Peru and I had wings."], [], ["Peru"]),
    (["I thought I was allergic to cats, but it turned out to be dust."], ["dust"], ["allergic to cats"]),
    (["I would never live in Dallas."], [], ["live in Dallas"]),
]
# These look alike and are said.
SAID = [
    (["I can't imagine life without coffee."], ["coffee"], []),
    (["I never imagined I'd end up in Tulsa, but here I am, running a diner."], ["diner"], []),
    (["I suppose I'm a bit of a hoarder."], ["hoarder"], []),
    (["My boss let us say goodbye to Henk in the canteen."], ["canteen"], []),
    (["Imagine my surprise when I won the raffle last week!"], ["raffle"], []),
    (["I say what I think, my husband hates that."], ["husband"], []),
    (["I assumed the shop was open, so I drove to Mons."], ["Mons"], []),
    (["I'm supposed to take my pills at eight."], ["pills"], []),
    (["I would say I'm a patient person."], ["patient"], []),
    (["When I was little we would spend every August in Brittany."], ["Brittany"], []),
    (["My parents would take us camping every summer when we were kids."], ["camping"], []),
    (["I let my son say grace at dinner."], ["grace"], []),
    (["I pretended to be ill and stayed at home in Ulm."], ["Ulm"], []),
    (["My theory is that my cat hates me."], ["cat"], []),
    (["We consider our dog a member of the family."], ["dog"], []),
    (["My sister has a vivid imagination and writes fairy tales."], ["fairy tales"], []),
    (["I picture myself as a shy person."], ["shy"], []),
    (["Ideally I eat at seven, because I take pills then."], ["pills"], []),
    (["I was supposed to fly to Rome but I broke my leg."], ["leg"], []),
    (["I would like to introduce myself: I'm Petra, a judge from Köln."], ["Petra", "judge"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(turns: list[str], kept: list[str], dropped: list[str]) -> None:
    assert find_mistakes(turns, kept, dropped) == ([], [])
