"""Which attributes an English sentence is about, on sentences that are labelled by hand."""

import pytest

from app.memory.identity.attributes import MAX_TOPIC_CHARS, find_topics

LABELLED = """
residence | We finally signed for a two-bedroom flat by the canal.
residence | Dora moved to Utrecht last spring.
residence | I've been living in Porto since January.
residence | The lease in Cork runs out soon, so we are house hunting.
residence | Milo is based in Tallinn these days.
residence | They relocated to Ghent for the schools.
residence | Our new place is two streets from the harbour.
residence | I handed in the keys to the Malmö apartment yesterday.
residence | She settled in Trieste after the war.
residence | Kofi bought a house near Accra.
employer | I started at Brightwater on Monday.
employer | Lena works for a small bakery chain.
employer | Today was my last day at Corvus.
employer | He was hired by the harbour authority.
employer | They made half of us redundant this morning.
employer | I'm self-employed now.
employer | Jo got sacked after the merger.
employer | Oskar joined Fjordline in March.
employer | I handed in my notice on Friday.
employer | My new employer pays for the train.
occupation | Amir works as a night porter.
occupation | Tess is a plumber now.
occupation | I was promoted to team lead.
occupation | Rui became head of procurement.
occupation | She retired after forty years of nursing.
occupation | Nadia is the senior analyst on the desk.
partner | Ilse and I broke up in June.
partner | My husband snores.
partner | Rob proposed to me on the pier.
partner | They got divorced two years ago.
partner | I'm seeing someone new.
partner | Hugo is engaged to Petra.
partner | We've been dating since the festival.
partner | I'm single again.
partner | Vera married Tomas at the town hall.
pet | Our beagle is a dog with opinions.
pet | I adopted a kitten from the shelter.
pet | The vet says Pixel is fine.
pet | We had to rehome the parrots.
vehicle | I sold the car to a neighbour.
vehicle | Bram drives a van now.
vehicle | She traded in her Volvo.
vehicle | We went car-free last year.
bicycle | My bike was stolen from the yard.
allergy | Nuts give me hives, I'm allergic.
allergy | He carries an EpiPen for his peanut allergy.
intolerance | Milk is out, I'm lactose intolerant.
health_condition | I was diagnosed with asthma in May.
health_condition | Her migraines are back.
injury | I sprained my ankle on the stairs.
injury | The cast comes off next week.
medication | The doctor put me on 20 mg of citalopram.
medication | I stopped taking antidepressants in autumn.
diet | Finn went vegan in January.
diet | I eat fish again.
diet | She gave up meat for good.
smoking | Paula smokes a pipe.
smoking | No cigarettes for a hundred days.
drinking | I'm teetotal.
wake_up_time | I get up at five for the rowing.
phone | My new number is 555 0142.
phone | You can call me on 0171 555 0142.
carrier | I switched from O2 to a cheaper carrier.
carrier | My phone contract is with Vodafone.
email | Write to dora@example.org please.
address | The parcel goes to 12 Mill Lane.
bank | I moved my salary to another bank.
insurance | The insurance raised the premium.
gym | I quit the gym near work.
membership | Lars left the choir.
membership | I'm a member of the chess society.
subscription | We cancelled Netflix.
rent | The rent went up by fifty euros.
mortgage | We remortgaged in the spring.
salary | I got a raise at last.
budget | My food budget is sixty a week.
savings_goal | I'm saving for a tandem.
favourite:drink | I have swapped coffee for mint tea.
favourite:drink | A flat white, that's my morning.
answer_style | Keep your answers short, please.
answer_style | I prefer detailed explanations with the steps.
answer_style | Two sentences are plenty.
answer_format | Use bullet points.
answer_language | Please reply in Italian.
operating_system | I run Fedora on everything.
programming_language | We rewrote the parser in Rust.
editor | I use Neovim all day.
notes_app | My notes are in Obsidian.
laptop | The laptop died, so I bought a ThinkPad.
camera | I shoot with an old Leica.
project | I'm on the Heron project now.
team | She joined the platform team.
work_mode | I work from home on Fridays.
school | Tilda studies at the university of Lund.
field_of_study | Jonas is majoring in geology.
learning | I'm learning to weld.
course | I take a weaving class on Thursdays.
hobby | My hobby is birdwatching.
sport | I run marathons.
plays | Edo plays the cello.
likes | I love brass bands.
likes | He is really into fermentation.
dislikes | I can't stand coriander.
speaks | She is fluent in Danish.
age | I turned forty last week.
birthday | My birthday is on the ninth of May.
children_count | We have three kids now.
children_count | Our second child arrived on Tuesday.
child | My daughter started school.
life_status | Our old neighbour passed away.
books_read | That was my twentieth book; I have read 20 books this year.
commute | I cycle to work in twenty minutes.
trip | We fly to Crete in September.
flight | My flight leaves at six.
booking | I booked a table for four.
appointment | The dentist appointment is on the third.
meeting | I have an interview on Monday.
wedding | Their wedding is in August.
due_date | The baby is due in March.
exam | My driving test is next week.
plan | We're planning a barn dance.
goal | My goal is a handstand by June.
origin | I'm originally from Leuven.
name | My name is Quill.
nickname | Everybody calls me Bix.
steps | I do ten thousand steps a day.
best_time | My personal best over ten kilometres is 48:12.
religion | I go to church on Sundays.
nationality | I got my Irish passport.
lives_with | My brother is my flatmate.
staying_at | I'm staying with my aunt for the time being.
debt | I paid off the loan.
manager | My boss is called Irene.
residence,employer | I moved to Basel for a new job at a clinic.
partner,residence | Noor and I moved in together.
pet,life_status | Our dog died on Sunday.
"""
ROWS = [
    (frozenset(names.strip().split(",")), text.strip())
    for names, _, text in (line.partition("|") for line in LABELLED.strip().splitlines())
]
# About none of the topic beside it, though a word of it occurs.
NOT_ABOUT = [
    ("residence", "Nils moved to Project Zeus."),
    ("residence", "The meeting was moved to Friday."),
    ("residence", "The film moved me to tears."),
    ("residence", "She was moved to the new team."),
    ("employer", "The printer works at last."),
    ("employer", "I joined a gym."),
    ("partner", "My business partner is late."),
    ("partner", "It is a single malt."),
    ("partner", "He engaged in a long debate."),
    ("vehicle", "I scar easily."),
    ("pet", "The catalogue is long."),
    ("age", "Turn left after 300 metres."),
    ("drinking", "The singer sang."),
    ("medication", "My meadow is in bloom."),
    ("plays", "He displays pianos."),
    ("rent", "She went to Trent."),
    ("bank", "We sat on an embankment."),
    ("email", "The male voice is deep."),
    ("programming_language", "The hinges are rusty."),
    ("gym", "The gymnast fell."),
    ("exam", "For example, trees."),
    ("life_status", "I study hard on a diet."),
    ("trip", "He stripped the paint."),
    ("phone", "The number 7 tram is late."),
]


@pytest.mark.parametrize(("names", "text"), ROWS)
def test_a_sentence_is_about_its_topics(names, text):
    assert names <= find_topics(text)


@pytest.mark.parametrize(("name", "text"), NOT_ABOUT)
def test_a_word_alone_makes_no_topic(name, text):
    assert name not in find_topics(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, that helps!", "Good morning.", "What a lovely day.", "The moon is bright tonight.",
        "Could you explain that again?",
        "It rained all afternoon.", "Sounds great.", "Photosynthesis needs light.",
        "The answer is seven.", "I see.", "", "?!", "🙂",
        "Water boils at a hundred degrees.", "The river is high.", "Let me think about it.",
        "Ok, perfect.", "Hm.", "The sky is blue.",
        "Seven is a prime.",
    ],
)  # fmt: skip
def test_small_talk_has_no_topic(text):
    assert find_topics(text) == frozenset()


def test_case_apostrophes_and_spaces_do_not_matter():
    assert find_topics("I’M  SINGLE   AGAIN") == find_topics("i'm single again") >= {"partner"}


def test_a_long_text_is_read_up_to_the_length_of_a_memory():
    assert "residence" not in find_topics("x " * MAX_TOPIC_CHARS + "I live in Oslo.")
