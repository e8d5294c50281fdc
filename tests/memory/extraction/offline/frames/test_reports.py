"""What others are said to have said is theirs, also without quotation marks."""

import pytest

from app.memory.text.parsed_text import SentenceParser
from tests.memory.extraction.offline.frames.reading import read_words

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["A stranger came up to me: I am lost and I have no phone."], [], ["phone"]),
    (["Our coach turned to us: I am leaving for Lyon in May."], [], ["Lyon"]),
    (["The lady at the till looked at me: sorry, I have no change."], [], ["no change"]),
    (["Lena said to me: I can't stand my job."], [], ["can't stand"]),
    (["My coach is always like: I hate losing."], [], ["hate losing"]),
    (["From Tim's profile: I breed llamas and live in Wales."], [], ["llamas"]),
    (["My neighbour emailed me yesterday, I'm selling my house."], [], ["selling my house"]),
    (
        ["Olga wrote: I got fired. I moved back in with my parents. She sounds sad, my poor friend."],
        ["sounds sad"],
        ["fired", "parents"],
    ),
    (["The applicant writes - I am fluent in Czech and I own a van."], [], ["Czech", "van"]),
    (["According to my aunt, I was a breech baby."], [], ["breech"]),
    (["Mum: I'm at the hospital with Grandpa."], [], ["hospital"]),
    (["Rumour has it that our office moves to Lyon."], [], ["Lyon"]),
    (["My ex claims I owe him 500 euros."], [], ["owe him"]),
    (["Dad keeps telling everyone that I'm a genius."], [], ["genius"]),
    (["They say I look like my uncle."], [], ["uncle"]),
    (["My manager announced that we are all getting new laptops."], [], ["laptops"]),
    (["The client replied: we need it by Monday and we hate the logo."], [], ["logo"]),
    (["Voicemail from my landlord: I need you out by June."], [], ["June"]),
    (["And she goes, I never loved you."], [], ["never loved"]),
    (["He told me he was adopted."], [], ["adopted"]),
    (["My sister thinks I drink too much."], [], ["drink"]),
    (["A stranger shouted at me: my husband is a cop!"], [], ["cop"]),
    (["Text from Bea: I've broken my leg, we can't come on Sunday."], [], ["broken my leg"]),
    (["In her speech the bride said: I have waited ten years for this."], [], ["ten years"]),
    (["The post says: I quit my job to breed alpacas. Nice life."], [], ["alpacas"]),
    (["Someone on the forum posted: my landlord kept the deposit and I sued him."], [], ["sued"]),
    (["I heard that Tom has moved to Oslo."], [], ["Oslo"]),
    (["My doctor says I have asthma."], [], ["asthma"]),
    (["My grandson asked: can I have a drone? I am ten now."], [], ["ten"]),
    (["The nurse: I've lost my keys."], [], ["keys"]),
    (["A guy on the bus told me that he breeds snakes."], [], ["snakes"]),
    (["Petra mentioned that she had moved to Kiel."], [], ["Kiel"]),
    (["My husband reckons I spend too much on shoes."], [], ["shoes"]),
    (["It is said that our village is haunted."], [], ["haunted"]),
    (["Word is that I'm getting promoted."], [], ["promoted"]),
    (["My horoscope says I will meet a tall stranger."], [], ["tall"]),
    (["Message from my sister: we're in Rome and I lost my phone."], [], ["Rome"]),
    (["I got a text from Joe - I'm stuck in Basel."], [], ["stuck"]),
    (["His exact words were: I have never loved her."], [], ["never loved"]),
    (
        ["My kid's teacher wrote home: your son bites. I had to separate them. I am at my limit."],
        [],
        ["separate", "limit"],
    ),
    (["The contract states that I'm liable for the damage."], [], ["liable"]),
    (["Someone told me once: I sleep with one eye open."], [], ["one eye"]),
    (["My cousin swears he saw a ghost."], [], ["ghost"]),
    (["The Bible says I should love my neighbour."], [], ["love my"]),
    (["As my grandmother used to say, I am too old for this."], [], ["too old"]),
    (["My ex is telling people I cheated."], [], ["cheated"]),
    (["Everybody says I look like Elvis."], [], ["Elvis"]),
    (["The vet says Truffle is fine."], [], ["fine"]),
    (["Ben: I can't come on Friday, I'm in Oslo."], [], ["Oslo"]),
    (["Here's what Carl answered: I own the land and I won't sell."], [], ["land"]),
]
# These look alike and are said.
SAID = [
    (["I told my boss I'm leaving in May."], ["leaving in May"], []),
    (["I said yes!"], ["yes"], []),
    (["I think I have a cold."], ["cold"], []),
    (["I'm glad that I live here in Nice."], ["Nice"], []),
    (["I was told I have asthma."], ["asthma"], []),
    (["My teacher told us about the Romans."], ["Romans"], []),
    (["I texted my sister that I got the job at the library."], ["library"], []),
    (["I know that my neighbour is a spy."], ["spy"], []),
    (["My sister called me, I'm going to the airport now to fetch her."], ["airport"], []),
    (["My favourite things: I love sailing and I collect maps."], ["sailing"], []),
    (["About me: I'm a nurse from Cork."], ["nurse"], []),
    (["Good news: I passed my driving test!"], ["driving test"], []),
    (["I wrote a novel about bees."], ["bees"], []),
    (["My son said his first word yesterday."], ["first word"], []),
    (["My friend told me a joke about cows."], ["told me a joke"], []),
    (["Our vet recommended a new food for Truffle."], ["Truffle"], []),
    (["I write for a local paper."], ["paper"], []),
    (["I answered all the questions in my exam."], ["exam"], []),
    (["My son goes to school in Delft: I drive him there."], ["Delft", "drive him"], []),
    (["We have a dog: he is called Bruno and I walk him at seven."], ["Bruno", "seven"], []),
    (["I confessed to my wife that I hate her lasagne."], ["lasagne"], []),
    (["I announced at work that I'm pregnant."], ["pregnant"], []),
    (["I believe my cat is overweight."], ["overweight"], []),
    (["I've decided that I'm quitting in June."], ["quitting"], []),
    (["We were told that we have to leave our flat."], ["leave our flat"], []),
    (["My sister told me about her new job."], ["new job"], []),
    (["My boss praised my report."], ["praised"], []),
    (["I explained to the kids why we are moving to Ede."], ["Ede"], []),
    (["My mother speaks Thai and writes poems."], ["Thai"], []),
    (["She answered my letter from Cuba."], ["letter"], []),
    (["My son reads a book a week."], ["book a week"], []),
    (["My wife's phone number: 0170 5550100."], ["0170"], []),
    (["We have two cars: a Fiat and a Volvo."], ["Fiat", "Volvo"], []),
    (["My hobbies are simple: I knit and I fish."], ["knit", "fish"], []),
    (["I feel like I'm a bad mother."], ["bad mother"], []),
    (["She was like a mother to me."], ["like a mother"], []),
    (["It turns out I'm allergic to bees."], ["bees"], []),
    (["The doctor gave me antibiotics for my ear."], ["antibiotics"], []),
    (["The results say nothing. I take iron now."], ["iron"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(
    parser: SentenceParser, turns: list[str], kept: list[str], dropped: list[str]
) -> None:
    words = read_words(parser, turns)
    assert [text for text in kept if text not in words] == []
    assert [text for text in dropped if text in words] == []
