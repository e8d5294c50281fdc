"""A text to be worked on is not said by who hands it over."""

import pytest

from tests.memory.extraction.offline.frames.reading import find_mistakes

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["Can you sum up this letter? I leave my farm to my niece."], [], ["farm"]),
    (["Please tidy up this message: i cant come, my son has mumps"], [], ["mumps"]),
    (["In one sentence, what does the review say? My twins and I stayed in Faro."], [], ["twins"]),
    (["In a nutshell, what is the article about? I have sold my vineyard."], [], ["vineyard"]),
    (["Proofread this for me: I work as a tailor in Tunis."], [], ["tailor"]),
    (["Hey, summarise the talk for me: I founded the firm in Porto."], [], ["founded"]),
    (["Kindly rephrase this for my boss: I am ill and stay in bed."], [], ["ill"]),
    (["translate 4 my gran pls: i am engaged to a baker"], [], ["baker"]),
    (["Any typos in here? I lives in Cusco wit my ante."], [], ["Cusco"]),
    (["Do you see any mistakes in this? My wife are from Fiji."], [], ["Fiji"]),
    (["Are there any errors below? I has a shop in Hue."], [], ["shop"]),
    (["Did I miss any commas here? I love Rita who lives in Bern."], [], ["Bern"]),
    (["Here's a song I like:\nI am a stranger in Laredo,\nI sleep on stones"], [], ["Laredo", "stones"]),
    (["Translate to Polish: I have a fever and my head hurts."], [], ["fever"]),
    (["translate i love my wife into german"], [], ["wife"]),
    (["How would you say 'I'm a plumber' in Korean?"], [], ["plumber"]),
    (['What\'s "my son is allergic to milk" in Greek?'], [], ["milk"]),
    (["Can you proofread this? I am works in a bank since 2010."], [], ["bank"]),
    (["Please fix the grammar: my sister live in Rome and she have three kid."], [], ["Rome"]),
    (["Summarise: I was born in Leeds. I became a monk at 40."], [], ["Leeds", "monk"]),
    (["Rewrite this in a formal tone: I'm sick today and can't come to the office."], [], ["sick"]),
    (['Rephrase "I hate my boss" politely.'], [], ["boss"]),
    (
        ["Shorten the following text.\nI am a retired miner. I live alone with my dog Rufus."],
        [],
        ["miner", "Rufus"],
    ),
    (["I am a retired miner and I live with my dog Rufus. Please translate that into Dutch."], [], ["miner"]),
    (["Put this in the past tense: I live in Prague and I drive a bus."], [], ["Prague"]),
    (["Make this sound nicer - I don't want to see you, I am busy with my kids."], [], ["kids"]),
    (["Turn these notes into minutes: Ken moved to Accounting, I got a new desk."], [], ["desk"]),
    (["Grade this essay: My summer. I was in Greece with my grandma."], [], ["Greece"]),
    (["ELI5 this abstract: We live in a hologram."], [], ["hologram"]),
    (["Can you turn this into a poem? I am lonely in my flat in Lille."], [], ["Lille"]),
    (["Is this sentence correct: I am living here since 2015."], [], ["2015"]),
    (["Does this sound natural? I am looking forward to see my cousin in Oslo."], [], ["cousin"]),
    (["What does this mean: je suis fatigué, my dear Paul, I am in Dijon."], [], ["Dijon"]),
    (["Which tense is this sentence in? I have been working at Renault for six years."], [], ["Renault"]),
    (
        ["Give me a summary of this email:\nHi team, I'm leaving the company. My last day is Friday.\nTom"],
        [],
        ["leaving", "last day"],
    ),
    (["Give me a title for this story: I grew up in a lighthouse."], [], ["lighthouse"]),
    (["Correct my Spanish please: Yo soy de Leeds y tengo dos gatos."], [], ["gatos"]),
    (["Count the words: I like big houses and I live in one."], [], ["big houses"]),
    (
        ["Extract the names from this text. I met Carla in Pisa. My wife Petra was there too."],
        [],
        ["Pisa", "Petra"],
    ),
    (["Continue this text: I woke up in a strange bed in Tangier."], [], ["Tangier"]),
    (["What is wrong with this sentence? I has two brother."], [], ["brother"]),
    (["Here's my cover letter, please improve it: I am a seasoned welder from Kiel."], [], ["welder"]),
    (["I need a French version of this: My passport was stolen in Rome."], [], ["passport"]),
    (["Could you check the spelling of this? I hav a dogg named Bello."], [], ["dogg"]),
    (["Classify the sentiment: I hate this phone, I bought it in Bonn."], [], ["Bonn"]),
    (["Write a reply to this review: We waited an hour and my soup was cold."], [], ["soup"]),
    (["My pupil wrote the following. Please grade it. I am ten and I have a pony."], [], ["pony"]),
    (
        ["I live in Gdansk.\n\nTranslate to Polish: I am hungry.\n\nBy the way, I also have a cat."],
        ["Gdansk", "cat"],
        ["hungry"],
    ),
    (["Danish please: My daughter has a peanut allergy."], [], ["peanut"]),
    (["In German, please: I am a guest at the hotel and my room is 12."], [], ["room"]),
    (["Say in Portuguese: I live on the third floor."], [], ["third floor"]),
    (["Could you polish this paragraph? I has been teacher since 2003 in Riga."], [], ["Riga"]),
    (["Check my sentence: I living in Osaka."], [], ["Osaka"]),
    (["Summarize in one sentence. My day started badly. I missed my bus in Leeds."], [], ["Leeds"]),
    (["tldr: i am a 40 year old guy and i live with my mom in ohio"], [], ["ohio"]),
    (["Convert to third person: I was born in Wales and I love sheep."], [], ["Wales"]),
    (["Make it more formal: hey I'm ill today."], [], ["ill"]),
    (['Paraphrase the sentence "I have diabetes".'], [], ["diabetes"]),
    (["What's the English for 'ich bin schwanger'?"], [], ["schwanger"]),
    (["I am 30. I live in Ulm. I has a dog. Correct these sentences please."], [], ["Ulm"]),
    (["Explain the joke: I used to be a banker but I lost interest."], [], ["banker"]),
    (["Rate this tweet: I just quit my job in Austin!"], [], ["Austin"]),
    (["Write a headline for this article. Our town lost its last pub. I was the owner."], [], ["owner"]),
    (['Find the verb in "My aunt sells eels".'], [], ["eels"]),
    (["Which word is wrong here? I am living in Oslo since two years."], [], ["Oslo"]),
    (["Here is a paragraph from my textbook: I am Pedro. I live in Lima."], [], ["Pedro", "Lima"]),
    (["Turn this into bullet points:\n\nWe met in Cairo. I was a diver.\n\nThanks!"], [], ["Cairo", "diver"]),
    (["Please answer this customer: I ordered a lamp and I got a chair."], [], ["lamp", "chair"]),
    (["My student's homework: My name is Kofi and I live in Accra. Any mistakes?"], [], ["Kofi"]),
    (["Read this aloud: I am the captain now."], [], ["captain"]),
    (["Compare these two sentences: I live in Rome. I am living in Rome."], [], ["Rome"]),
    (["Describe the tone of this message: I'm done with you, I moved out."], [], ["moved out"]),
    (["Transcribe: my name is Ola and I am nine"], [], ["Ola"]),
    (["Improve my bio: I'm a vegan surfer from Perth."], [], ["surfer"]),
    (["Replace the adjectives: I have a big red house in Kent."], [], ["Kent"]),
    (["Fill in the blank: I was born in ___ and I like jam."], [], ["jam"]),
    (["I own a tannery in Fez. Is this sentence right?"], [], ["tannery"]),
    (["We have three looms in the barn. Does that paragraph read well?"], [], ["looms"]),
    (["My uncle mends clocks in Basel. Can you shorten that text?"], [], ["clocks"]),
]
# These look alike and are said.
SAID = [
    (["I sold my boat to Gerrit. How do I tell my son this politely in a letter?"], ["boat"], []),
    (["We cancelled the wedding in June. How can we say it in an e-mail to our guests?"], ["wedding"], []),
    (["I have two left feet and a torn ligament. Can you make this into a joke?"], ["ligament"], []),
    (["My landlord sold the flat in Hull. What should I write to him in a message about it?"], ["flat"], []),
    (["I left the choir in May. How do I put that in a speech?"], ["choir"], []),
    (["I lost my job at the mill. Help me explain it in a letter to my bank."], ["mill"], []),
    (["I can't sing any more, so I turn the pages for the organist these days."], ["pages"], []),
    (["I grade papers in Leeds, and I mark these exams every summer."], ["papers"], []),
    (["My wife checks the proofs, and I read the pages at the mill these days."], ["mill"], []),
    (["I fix the captions for the opera in Graz these days."], ["captions"], []),
    (["I count the lines for a poetry prize, these are my evenings in Cork."], ["poetry"], []),
    (["I teach Latin. Can you proofread this?"], ["Latin"], []),
    (["I'm learning Czech. Could you correct that?"], ["learning Czech"], []),
    (["I write short stories. Please edit this."], ["short stories"], []),
    (["Are there any good schools here? My son is six."], ["six"], []),
    (["Caption contests are fun, I won one in Ghent."], ["Ghent"], []),
    (["I translate books for a living."], ["translate books"], []),
    (["I'm a proofreader at a publishing house."], ["proofreader"], []),
    (["My job is to summarise court cases for lawyers."], ["court cases"], []),
    (["Can you help me with my essay? I'm a student in Delft."], ["student"], []),
    (["I fix bikes on weekends: I have a small shop in Lucca."], ["bikes", "Lucca"], []),
    (["Can you fix my sleep schedule? I work night shifts."], ["night shifts"], []),
    (["I had to rewrite my thesis twice, my supervisor was furious."], ["thesis"], []),
    (["I corrected 40 exams yesterday."], ["40 exams"], []),
    (["Can you explain this to me like I'm five? I'm new to chess."], ["new to chess"], []),
    (["Is this normal? I sleep four hours a night."], ["four hours"], []),
    (["I'm learning to translate Latin poems."], ["Latin"], []),
    (["What do you think of this? I bought a tandem with my girlfriend."], ["tandem"], []),
    (["My essay won a prize at school."], ["prize"], []),
    (["I write lyrics for a punk band."], ["punk"], []),
    (["I edit films for a living."], ["films"], []),
    (["I need to fix my roof, it leaks."], ["roof"], []),
    (["Can you recommend a book? I love sagas from Iceland."], ["sagas"], []),
    (["Give me a workout plan: I'm 50 and I have a bad knee."], ["50", "bad knee"], []),
    (["I want to improve my Spanish. I live in Cadiz."], ["Cadiz"], []),
    (["Help me choose a gift for my wife: she loves orchids."], ["orchids"], []),
    (["Please answer in German. I'm from Graz."], ["Graz"], []),
    (["I finished my book yesterday: 300 pages!"], ["300"], []),
    (["My task at work is to check passports in Calais."], ["Calais"], []),
    (["I have a meeting at nine - I hate mornings."], ["meeting", "mornings"], []),
    (["Can you explain what a mortgage is? I'm buying my first flat."], ["flat"], []),
    (["Write a speech for my brother's wedding. He marries Ida in June."], ["Ida"], []),
    (["I speak English and Dutch at home: my wife is Dutch."], ["Dutch"], []),
    (["I changed my mind: I'm keeping the cat."], ["cat"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(turns: list[str], kept: list[str], dropped: list[str]) -> None:
    assert find_mistakes(turns, kept, dropped) == ([], [])


# A request that quotes its text, and the speaker's own words behind it: (turn, the text, what is said).
QUOTED = [
    (
        "can you check the spelling on this flyer: 'The Arms, 8pm sharp'. we go by Mumbles Electric",
        "Arms",
        "Mumbles",
    ),
    ('can you check this flyer: "Friday, The Arms". we go by Mumbles Electric now.', "Friday", "Mumbles"),
    ("Translate 'good morning' into Dutch. I live in Leeds.", "morning", "Leeds"),
    ('Proofread this: "I am happy". I\'m a nurse in Leeds.', "happy", "nurse"),
    ("Rephrase the sentence 'I lost my job at Acme'. I teach English in Oslo.", "Acme", "Oslo"),
    ('Correct the text: "I has a dog". My sister wrote it.', "dog", "sister"),
    ("Paraphrase 'my wife is ill'. I have two cats.", "ill", "cats"),
    ('Summarise: "I moved to Rome in May." I live in Bern.', "Rome", "Bern"),
    ("Please translate «je suis boulanger». My uncle runs a bakery in Lyon.", "boulanger", "Lyon"),
    ('Reword the phrase "I am a plumber". I am applying for a job in Cork.', "plumber", "Cork"),
    ("Shorten this message: 'I am late, my train is stuck'. My boss is called Ines.", "stuck", "Ines"),
    ('Fix the line "I lives in Cusco". My pupils are from Peru.', "Cusco", "Peru"),
    ("Translate the words 'dobry den'. My wife is from Omsk.", "dobry", "Omsk"),
    ('translate this: "Ich habe Fieber". I moved to Kiel in May.', "Fieber", "Kiel"),
    ("Condense the paragraph 'I sold my farm'. I have a shop in Hue.", "farm", "Hue"),
]


@pytest.mark.parametrize(("turn", "text", "told"), QUOTED)
def test_what_follows_a_text_that_is_quoted_is_said(turn: str, text: str, told: str):
    assert find_mistakes([turn], [told], [text]) == ([], [])


@pytest.mark.parametrize(
    ("turn", "text"),
    [
        ("Proofread my essay called 'Rome': I was born on a hill.", "hill"),
        ("Please proofread this. I am happy in Rome.", "Rome"),
        ("Translate this into Dutch. I live in Leeds.", "Leeds"),
        ("Summarise the article 'On Bees' below. I keep forty hives.", "hives"),
        ("Can you proofread this? I moved to 'the old island' in May.", "island"),
    ],
)
def test_what_follows_a_text_that_is_only_named_is_the_text(turn: str, text: str):
    assert find_mistakes([turn], [], [text]) == ([], [])
