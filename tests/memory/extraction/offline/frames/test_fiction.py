"""Stories, songs and role play are not about who tells them."""

import pytest

from tests.memory.extraction.offline.frames.reading import find_mistakes

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["In the campaign I'm an elf called Mirel. My clan lives in Ashwood."], [], ["elf", "Ashwood"]),
    (["In my novel I'm a spy in Lima. My code name is Fox."], [], ["spy", "Fox"]),
    (["In this game my character is a healer."], [], ["healer"]),
    (["Write the next verse: I'm a cowboy, I lost my horse in Reno."], [], ["horse"]),
    (["You are a pirate captain. I'm your first mate, I was born in Tortuga."], [], ["Tortuga"]),
    (["Act as a pirate. I am your parrot and I live in Tortuga."], [], ["Tortuga"]),
    (["Pretend you're a customs officer. I have three kilos of cheese in my suitcase."], [], ["cheese"]),
    (["Let's do a role play: I'm the customer, you're the waiter. I'm allergic to wheat."], [], ["wheat"]),
    (
        ["Let's roleplay, you're the dragon.", "I am a knight from Burgundy and I have a magic lance."],
        [],
        ["Burgundy", "lance"],
    ),
    (
        [
            "Let's roleplay, you're the dragon.",
            "I draw my sword.",
            "OK, end of role-play. I live in Malmö and need a train.",
        ],
        ["Malmö"],
        ["sword"],
    ),
    (["Here is the opening of my novel: My name is Igor and I sell clocks."], [], ["Igor", "clocks"]),
    (["Poem:\nI am the wind\nI live in the pines"], [], ["pines"]),
    (["Complete the limerick: I once was a sailor from Cork."], [], ["sailor"]),
    (["Scene one. Dialogue: I'm leaving you, Martin. I have a lover in Nice."], [], ["lover"]),
    (["Story idea: I'm a detective who lost my memory."], [], ["detective"]),
    (["The song goes: I shot the sheriff in my town."], [], ["sheriff"]),
    (["I'll play the king and you play the jester. I have lost my crown."], [], ["crown"]),
    (["Be my opponent in a debate role play. I'm the senator from Ohio."], [], ["senator"]),
    (["Take the role of a judge. I am accused of stealing a goose."], [], ["goose"]),
    (["Chapter 3: I was twelve when my father sold the farm."], [], ["farm"]),
    (["In my story the hero says I am the last of my kind."], [], ["last of my kind"]),
    (["Sing along: I'm blue and I live in a blue house."], [], ["blue house"]),
    (["Write a diary entry in the style of a soldier: I miss my wife in Verdun."], [], ["Verdun"]),
    (["Pretend to be my landlord. I have not paid my rent for March."], [], ["rent"]),
    (["You play the waiter, I play a guest with a nut allergy."], [], ["nut"]),
    (["Roleplay: I'm the king of France."], [], ["France"]),
    (["Let's improvise a scene. I'm a ghost in a hotel."], [], ["ghost"]),
    (["From now on you are Zorg the alien and I'm your human pet."], [], ["pet"]),
    (
        ["I want you to act as a travel guide. I am in Istanbul and I want to visit museums."],
        [],
        ["Istanbul"],
    ),
    (
        ["You are a detective and I'm the butler. Start.", "I was in the kitchen all night, I swear."],
        [],
        ["kitchen"],
    ),
    (
        [
            "Let's do a role play, you are my boss.",
            "I want a raise, I have worked here for ten years.",
            "Stop the role play. I'm a teacher in real life.",
        ],
        ["teacher"],
        ["raise", "ten years"],
    ),
    (["Finish this story: I opened the door and my dead uncle stood there."], [], ["uncle"]),
    (["Song lyrics: my baby left me in Memphis"], [], ["Memphis"]),
    (["Here's a poem I found. I am the captain of my soul."], [], ["captain"]),
    (["Write the ending: I lost my ring in the sea and I swam to Crete."], [], ["Crete"]),
    (["My novel opens with: I killed a man in Reno."], [], ["Reno"]),
    (["Act 1, scene 2: I am thy father's spirit."], [], ["spirit"]),
    (["Opening line: I was born twice."], [], ["twice"]),
    (["The narrator says: I have lived in this house for 200 years."], [], ["200"]),
    (["What comes next in this song? I'm a creep, I'm a weirdo."], [], ["creep"]),
    (["Give me a monologue for this character: I am Hella and I rule the ice."], [], ["Hella"]),
]
# These look alike and are said.
SAID = [
    (["I'm drafting a ghost story set in Bruges."], ["ghost story"], []),
    (["Act as my trainer. I'm 54 and I have a bad hip."], ["54", "hip"], []),
    (["Can you be my writing coach? I write crime novels."], ["crime novels"], []),
    (["I want you to act as a career adviser. I'm a nurse from Ulm."], ["nurse from Ulm"], []),
    (["Act like my nutritionist: I don't eat pork."], ["pork"], []),
    (["In the game I scored twice, I play for Derby."], ["Derby"], []),
    (["I role-play every Friday with my friends in Utrecht."], ["Utrecht"], []),
    (["I play the doctor in our theatre group."], ["theatre"], []),
    (["You are a lifesaver! I'm so relieved, my visa came."], ["visa"], []),
    (["You're the best. I finally finished my thesis."], ["thesis"], []),
    (["My favourite novel begins in Lisbon."], ["Lisbon"], []),
    (["I act in a small troupe and my sister sings."], ["troupe"], []),
    (["My daughter plays a tree in the school play."], ["tree"], []),
    (["I'm a poet and my first book came out in March."], ["poet"], []),
    (["You are a great help. I'm a teacher by the way."], ["teacher"], []),
    (["I'm working on a novel about my grandfather in Odessa."], ["Odessa"], []),
    (["I play a nurse in a TV show."], ["nurse"], []),
    (["We sing in a choir every Tuesday."], ["choir"], []),
    (["You're my favourite assistant. I'm a baker from Ulm."], ["baker"], []),
    (["I pretend to like opera for my wife."], ["opera"], []),
    (["You are right, I'm the oldest of six."], ["oldest"], []),
    (["I act as treasurer of our club."], ["treasurer"], []),
    (["My story is simple: I came to Lyon for love."], ["Lyon"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(turns: list[str], kept: list[str], dropped: list[str]) -> None:
    assert find_mistakes(turns, kept, dropped) == ([], [])
