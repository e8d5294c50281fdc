"""What is asked is not said; what stands beside a question is."""

import pytest

from app.memory.text.parsed_text import SentenceParser
from tests.memory.extraction.offline.frames.reading import read_words

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["Am I too old to learn the violin"], [], ["violin"]),
    (["Is my hamster sick if it sleeps all day?"], [], ["hamster"]),
    (["Do people with asthma fly?"], [], ["asthma"]),
    (["Which vaccines does a nurse in Kenya need?"], [], ["Kenya"]),
    (["Could a diabetic eat this cake"], [], ["diabetic"]),
    (["Should my wife and I adopt a greyhound or a beagle?"], [], ["beagle"]),
    (["Have I told you that I own a boat?"], [], ["boat"]),
    (["How does a single mother in Leeds pay for childcare?"], [], ["childcare"]),
    (["I wonder whether I'm allergic to pollen."], [], ["pollen"]),
    (["I'm not sure if I have a middle name."], [], ["middle name"]),
    (["No idea if my uncle is still a priest."], [], ["priest"]),
    (["I don't know whether my sister is pregnant."], [], ["pregnant"]),
    (["Would I be happy as a vet?"], [], ["vet"]),
    (["Can you check whether I'm entitled to child benefit?"], [], ["child benefit"]),
    (["Who in my family has blue eyes?"], [], ["blue eyes"]),
    (["Did I ever mention that I hate olives?"], [], ["olives"]),
    (["Do I sound like a person that sings opera?"], [], ["opera"]),
    (["What time is it in Lima when I get up at six?"], [], ["Lima"]),
    (["You think I'm Swedish?"], [], ["Swedish"]),
    (["A vegetarian dinner for six?"], [], ["vegetarian"]),
    (["how do i cancel my gym membership in Cork"], [], ["gym"]),
    (["where can a beginner learn salsa"], [], ["salsa"]),
    (["is my salary of 4000 euros good"], [], ["4000"]),
    (["Are there any dentists who treat children near me"], [], ["dentists"]),
    (["I live in Oslo, can you suggest a café?"], ["Oslo"], ["café"]),
    (["My phone broke, should I buy a Pixel?"], ["phone broke"], ["Pixel"]),
    (["My brother has a boat. Where can he moor it?"], ["boat"], ["moor"]),
    (["I have two cats and a parrot, what should I feed them?"], ["parrot"], ["feed"]),
    (["We moved to Turin last year, do you know a good pizzeria there?"], ["Turin"], ["pizzeria"]),
    (["Ought I to tell my wife that I lost my job?"], [], ["lost"]),
    (["Any idea why a cat owner in Spain needs a permit?"], [], ["permit"]),
    (["Can someone with epilepsy drive a lorry?"], [], ["lorry"]),
    (["Whose idea was it that I play the tuba?"], [], ["tuba"]),
    (["Will my husband inherit my house in Faro"], [], ["Faro"]),
    (["do you think i should sell my boat"], [], ["boat"]),
    (["So am I a hoarder or what?"], [], ["hoarder"]),
    (["Isn't my name Jewish?"], [], ["Jewish"]),
    (["I was wondering if you could tell me whether I need a dog licence."], [], ["licence"]),
    (["Could you tell me what a widow in Ohio is entitled to?"], [], ["widow"]),
    (["What are the odds that I have celiac disease?"], [], ["celiac"]),
    (["Tell me whether I have diabetes."], [], ["diabetes"]),
    (["I want to know if my landlord can evict me."], [], ["evict"]),
    (["Let me know if I should bring my dog."], [], ["dog"]),
    (["Who's the best vet for an iguana in Graz?"], [], ["iguana"]),
    (["Suggest three names for a beagle."], [], ["beagle"]),
    (["Explain how a diabetic should fast."], [], ["diabetic"]),
    (["Plan a trip to Malta for a couple with a baby."], [], ["baby"]),
    (["I have a beagle, suggest three names for him."], ["beagle"], ["three names"]),
    (["My knee hurts since Monday. Should I see a doctor?"], ["knee"], ["doctor"]),
    (["I've got a date tonight!! What should I wear??"], ["date tonight"], ["wear"]),
    (["I take 5 mg of warfarin; can I eat spinach?"], ["warfarin"], ["spinach"]),
    (["I'm moving to Leeds in June - do you know a good school there?"], ["Leeds"], ["school"]),
]
# These look alike and are said.
SAID = [
    (["My favourite film is Who Framed Roger Rabbit?"], ["Roger Rabbit"], []),
    (["I love What About Bob?"], ["Bob"], []),
    (["We watched Dude Where Is My Car?"], ["Dude"], []),
    (["Guess what, I'm a grandmother now!"], ["grandmother"], []),
    (["Guess what, I got the flat in Essen."], ["Essen"], []),
    (["Hey, guess what - we adopted a donkey!"], ["donkey"], []),
    (["Guess what? My sister is pregnant."], ["pregnant"], []),
    (["Give me blues over any other music."], ["blues"], []),
    (["Give me tea any day."], ["tea"], []),
    (["I live in Ghent, right?"], ["Ghent"], []),
    (["My sister is a judge, isn't she?"], ["judge"], []),
    (["I'm a baker, you know?"], ["baker"], []),
    (["My son turned six and he loves trains, any ideas for a present?"], ["trains"], []),
    (["When I was a kid, I lived in Togo. Have you been?"], ["Togo"], []),
    (["What I love about Bonn is the river."], ["river"], []),
    (["Where I live, it rains all the time."], ["rains"], []),
    (["I know where my grandfather was born: in Odessa."], ["Odessa"], []),
    (["Neither do I own a car nor do I want one."], ["car"], []),
    (["So did my aunt, she moved to Genoa."], ["Genoa"], []),
    (["I asked my boss for a raise yesterday."], ["raise"], []),
    (["Who says I can't cook? I made ramen from scratch on Sunday."], ["ramen"], []),
    (["I finally know how to knit socks."], ["knit"], []),
    (["Guess what? I got engaged!"], ["engaged"], []),
    (["You know what? My aunt bought a farm."], ["farm"], []),
    (["Hi, I'm Olaf and I'm new here, how does this work?"], ["Olaf"], []),
    (["I grew up in Bari, didn't I tell you?"], ["Bari"], []),
    (["My mother-in-law is visiting and I hate cooking, help!"], ["cooking"], []),
    (["I never know what to cook for my son, who is allergic to soy."], ["soy"], []),
    (["I know why my plants died: I forgot to water them."], ["water"], []),
    (["Why I love Bergen: the rain."], ["Bergen"], []),
    (["Never have I been so happy as in Sintra."], ["Sintra"], []),
    (["Here is my address: 5 Elm Road, Hull."], ["Elm Road"], []),
    (["There are four people in my family."], ["four people"], []),
    (["I was born in Metz, okay?"], ["Metz"], []),
    (["It's my birthday today, can you believe that?"], ["birthday"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(
    parser: SentenceParser, turns: list[str], kept: list[str], dropped: list[str]
) -> None:
    words = read_words(parser, turns)
    assert [text for text in kept if text not in words] == []
    assert [text for text in dropped if text in words] == []
