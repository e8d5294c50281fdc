"""Sarcasm with its marks is not taken at its word."""

import pytest

from tests.memory.extraction.offline.frames.reading import find_mistakes

# (turns, what is kept of them, what is not)
NOT_SAID = [
    (["Just what I wanted, a leaking roof. I adore my house."], [], ["adore"]),
    (["Great, another fine. I love this town."], [], ["love"]),
    (["Oh yes, because cleaning the fridge at night is my great passion."], [], ["passion"]),
    (["Oh no, because I live for tax returns."], [], ["tax"]),
    (["I really like sitting in this waiting room. Not."], [], ["waiting room"]),
    (["I'm a big friend of early meetings. Yeah, right."], [], ["meetings"]),
    (["We enjoy the neighbours' drum lessons. Said nobody ever."], [], ["drum"]),
    (["Great, the lift is broken again. I'm such a fan of stairs."], [], ["fan of stairs"]),
    (["Lovely, another strike. I live for walking to work in the snow."], [], ["live for"]),
    (["Fantastic, stuck in traffic. I really enjoy this road."], [], ["enjoy"]),
    (["I'm totally made of money lol. Where is a cheap hotel in Turin?"], [], ["made of money"]),
    (["Sure, money grows on trees. I need a cheaper bank."], [], ["grows"]),
    (["Oh great, I just love waiting on hold for two hours."], [], ["love waiting"]),
    (["Yeah sure, I'm the queen of Sheba."], [], ["Sheba"]),
    (["Oh wonderful, another parking fine. I really enjoy giving money away."], [], ["enjoy giving"]),
    (["Sure, because I'm made of money."], [], ["made of money"]),
    (["As if I owned a private jet."], [], ["jet"]),
    (["Obviously I'm a genius, which is why I locked myself out."], [], ["genius"]),
    (["I absolutely love being stuck in traffic."], [], ["traffic"]),
    (["Thanks for nothing, I just adore cold showers."], [], ["adore"]),
    (["Lovely. I so enjoy being yelled at by customers."], [], ["enjoy"]),
    (["Right, because I have nothing better to do than fill in forms."], [], ["nothing better"]),
    (["And I'm the Pope."], [], ["Pope"]),
    (["Yay, another unpaid overtime weekend, my favourite thing."], [], ["favourite"]),
    (["Yeah, right. I have a butler and a driver."], [], ["butler"]),
    (["Of course I speak Klingon, that's why I failed French."], [], ["Klingon"]),
    (["I simply love getting soaked on my way to work."], [], ["soaked"]),
    (["Nothing I enjoy more than a root canal."], [], ["root canal"]),
    (["I love being ignored by my doctor, said no one ever."], [], ["ignored"]),
    (["Oh joy, I adore paperwork."], [], ["paperwork"]),
    (["Fantastic. I totally love it when the train is cancelled."], [], ["cancelled"]),
    (["Like I have time for a gym membership!"], [], ["gym"]),
    (["Oh fantastic, my favourite: a 6 a.m. fire drill."], [], ["favourite"]),
    (["Yeah, because I'm such a millionaire."], [], ["millionaire"]),
    (["Sure, I'm Batman."], [], ["Batman"]),
    (["I just love it when my neighbour drills at midnight."], [], ["drills"]),
    (["I live for unpaid overtime."], [], ["overtime"]),
    (["Clearly I'm an Olympic athlete, that's why I'm out of breath."], [], ["athlete"]),
    (["Because I'm obviously loaded."], [], ["loaded"]),
    (["Great, I get to clean vomit, I absolutely adore my life."], [], ["adore"]),
    (["I so love paying taxes /s"], [], ["love paying"]),
    (["Right, and I'm the emperor of Japan."], [], ["emperor"]),
    (["As if I'd ever eat meat."], [], ["meat"]),
]
# These look alike and are said.
SAID = [
    (["I'm not made of money, so I rent in Pau."], ["made of money", "Pau"], []),
    (["I'm such a fan of Arsenal."], ["fan of Arsenal"], []),
    (["Lovely, I finally moved in. I really enjoy this road."], ["enjoy this road"], []),
    (["I really love hiking in the Alps."], ["Alps"], []),
    (["I just love my new job at the zoo."], ["zoo"], []),
    (["Great! I adore Italian opera."], ["opera"], []),
    (["Of course I'm coming to your wedding in May."], ["wedding"], []),
    (["Sure, I live in Bergen."], ["Bergen"], []),
    (["Oh yes, I'm a trained chef."], ["chef"], []),
    (["Yeah, I'm a vegan."], ["vegan"], []),
    (["I enjoy being a mum."], ["mum"], []),
    (["I love being outdoors."], ["outdoors"], []),
    (["Right, I moved to Brno in May."], ["Brno"], []),
    (["I love it when my grandchildren visit."], ["grandchildren"], []),
    (["Wonderful, I got the tickets for the concert."], ["tickets"], []),
    (["I absolutely love thunderstorms."], ["thunderstorms"], []),
    (["Because I'm a nurse, I work nights."], ["nurse"], []),
    (["I love paying with my phone."], ["phone"], []),
    (["Great, thanks! I have a Volvo."], ["Volvo"], []),
    (["My favourite thing is rain."], ["rain"], []),
    (["Naturally I speak French, I grew up in Lyon."], ["French", "Lyon"], []),
]


@pytest.mark.parametrize(("turns", "kept", "dropped"), NOT_SAID + SAID)
def test_only_what_is_said_is_kept(turns: list[str], kept: list[str], dropped: list[str]) -> None:
    assert find_mistakes(turns, kept, dropped) == ([], [])
