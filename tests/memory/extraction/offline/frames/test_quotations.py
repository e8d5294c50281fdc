"""What stands in quotation marks is said by somebody else; a title is not."""

import pytest

from tests.memory.extraction.offline.frames.reading import find_mistakes

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (['My uncle said "I am a millionaire" at dinner.'], [], ["millionaire"]),
    (["She whispered 'I have a secret twin' and left."], [], ["twin"]),
    (["«I live in a tree», said the boy."], [], ["tree"]),
    (["The sign reads “I brake for squirrels”."], [], ["brake"]),
    (['"I hate cheese!" my son shouted.'], [], ["cheese"]),
    (['"I own two yachts," the man next to me bragged. I nearly choked on my soup.'], ["choked"], ["yachts"]),
    (['In the film he says: "I see dead people."'], [], ["dead people"]),
    (['My therapist asked me: "Do you feel alone? I did when I was ill."'], [], ["ill"]),
    (['The label says "I was made in Peru."'], [], ["Peru"]),
    (['Motto of my gym: "I am a machine."'], [], ["machine"]),
    (['"My wife left me", he told us, "and I live in my van."'], [], ["wife", "van"]),
    (["He looked at me and said „Ich wohne in Köln“."], [], ["Köln"]),
    (['A tattoo on her arm: "I was here in 1999."'], [], ["1999"]),
    (['My daughter wrote on the wall "I am a queen".'], [], ["queen"]),
    (['The caption was "I have moved to Paris and I love it".'], [], ["Paris"]),
    (['Then the clown goes "I eat fire for a living!" and the kids scream.'], [], ["eat fire"]),
    (['"I am divorced." That was the first thing she told me.'], [], ["divorced"]),
    (['Somebody sprayed "I love Anna" on my garage.'], [], ["love Anna"]),
    (['He texted "I am on my way to Rome, my train was late'], [], ["Rome"]),
    (['My mum always says, "I gave birth to a clown"; she is a funny woman.'], ["funny woman"], ["birth"]),
    (["It said: “I am your new neighbour. I play drums.” on the card."], [], ["drums"]),
]
# These look alike and are said.
SAID = [
    (['I love the song "I Shall Be Released".'], ["I Shall Be Released"], []),
    (['My cat is called "Mr. Pickles".'], ["Mr. Pickles"], []),
    (['I\'m reading "Never Let Me Go" at the moment.'], ["Never Let Me Go"], []),
    (['I bought a 27" monitor and a 5\'10" mirror.'], ["monitor"], []),
    (["My kids' school is in Leiden and my parents' house is in Delft."], ["Leiden", "Delft"], []),
    (['I work in the so-called "deep end" of the company.'], ["company"], []),
    (['My nickname is "The Moose".'], ["Moose"], []),
    (["I'm from the '80s and I still love synth-pop."], ["synth-pop"], []),
    (['I told them "I live in Vaduz".'], ["Vaduz"], []),
    (['My band is named "We Are Late" and I play bass.'], ["bass"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(turns: list[str], kept: list[str], dropped: list[str]) -> None:
    assert find_mistakes(turns, kept, dropped) == ([], [])
