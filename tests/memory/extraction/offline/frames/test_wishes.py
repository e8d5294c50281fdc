"""What is wished for is not the case; a wish about answers is an instruction."""

import pytest

from tests.memory.extraction.offline.frames.reading import find_mistakes

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["I wish I were a dentist."], [], ["dentist"]),
    (["If only my sister lived closer to Graz."], [], ["Graz"]),
    (["I'd love to own a bookshop in Porto."], [], ["Porto"]),
    (["How I yearn for a cabin in Norway!"], [], ["Norway"]),
    (["Hopefully I'll be a father soon."], [], ["father"]),
    (["I dream of living in Kyoto."], [], ["Kyoto"]),
    (["I hope to become a surgeon."], [], ["surgeon"]),
    (["I'd kill for a flat in Paris."], [], ["Paris"]),
    (["I'd give anything to speak Russian."], [], ["Russian"]),
    (["My dream is to be a ballet dancer."], [], ["ballet"]),
    (["Oh, how I'd love a dog!"], [], ["dog"]),
    (["I long to see Iceland."], [], ["Iceland"]),
    (["Wish I had a sauna."], [], ["sauna"]),
    (["Fingers crossed I get the scholarship in Delft."], [], ["scholarship"]),
    (["God, I wish my boyfriend was a cook."], [], ["cook"]),
    (["Would that I were young and lived by the sea."], [], ["sea"]),
    (["I'm hoping to be a grandfather by May."], [], ["grandfather"]),
    (["It would be lovely to have a garden in Kew."], [], ["garden"]),
    (["One day I would like to run a hotel."], [], ["hotel"]),
    (["I've always dreamed of having a motorbike."], [], ["motorbike"]),
    (["We would love to have a third child."], [], ["third child"]),
    (["I wish for a brother."], [], ["brother"]),
    (["If only I'd learned Greek."], [], ["Greek"]),
    (["I'd really like to have a sauna some day."], [], ["sauna"]),
    (["I would so love to be a grandmother."], [], ["grandmother"]),
    (["Hopefully we'll live in Nantes next year."], [], ["Nantes"]),
    (["I keep dreaming of a house in Galway."], [], ["Galway"]),
    (["How lovely it would be to own a mill!"], [], ["mill"]),
    (["My greatest wish is a baby."], [], ["baby"]),
    (["I wish to be a nun."], [], ["nun"]),
    (["Oh to be a student in Paris again!"], [], ["student"]),
    (["I can only dream of being a pilot."], [], ["pilot"]),
    (["I'd be so happy to have a dog."], [], ["dog"]),
    (["Some day I hope to be a judge."], [], ["judge"]),
    (["I've always wished I had a sister."], [], ["sister"]),
    (["My sister wishes I lived in Hull."], [], ["Hull"]),
    (["Ah, if I could only play the harp!"], [], ["harp"]),
]
# These look alike and are said.
SAID = [
    (["I'd like you to answer in rhymes."], ["rhymes"], []),
    (["I'd prefer short answers."], ["short answers"], []),
    (["I'd like you to call me Captain."], ["Captain"], []),
    (["I wish you would stop using emojis."], ["emojis"], []),
    (["I love my garden in Kew."], ["garden"], []),
    (["I hope you're well. I live in Hull."], ["Hull"], []),
    (["I want to learn Spanish."], ["Spanish"], []),
    (["My dream job came true: I'm a pilot."], ["pilot"], []),
    (["I hoped for rain and we got snow in Davos."], ["Davos"], []),
    (["I would appreciate answers in French."], ["French"], []),
    (["I'd like to be called Bee."], ["Bee"], []),
    (["I want you to keep it short."], ["short"], []),
    (["I like to be alone."], ["alone"], []),
    (["I love to sail."], ["sail"], []),
    (["We prefer the train."], ["train"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(turns: list[str], kept: list[str], dropped: list[str]) -> None:
    assert find_mistakes(turns, kept, dropped) == ([], [])
