"""What a correction that leans on an earlier sentence comes to: the sentence with the right value."""

import uuid
from datetime import UTC, datetime

import pytest

from app.core.vocabulary import Role
from app.memory.extraction.evidence import Background
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.offline.corrections import apply_corrections
from app.memory.extraction.offline.extractor import extract_facts, extract_segments
from app.memory.text.analysis_text import analyse_original
from app.memory.types import Turn
from tests.parsing import PARSER

CORRECTED = [
    ("The recital is on 14 March. Sorry, I meant 24 March.", "The recital is on 24 March."),
    ("My shoe size is 43. Wait, no, make that 44.", "My shoe size is 44."),
    ("The plumber comes on Monday at nine.|Scratch that, it's Friday.", "The plumber comes on Friday at"
                                                                        " nine."),
    ("My rent is 1,150 euros.|Oops, correction: it's 1,510.", "My rent is 1,510 euros."),
    ("My dentist is Dr. Kahn.|It's Kuhn, not Kahn.", "My dentist is Dr. Kuhn."),
    ("The gig is on the 12th.|Oops, the 19th I should have said.", "The gig is on the 19th."),
    ("I live in Bath. No, I meant Bristol.", "I live in Bristol."),
    # Where the right value is from says nothing of it.
    (
        "My manager is called Alan.|Scratch that, I read his badge and it's Alun, with a u.",
        "My manager is called Alun.",
    ),
    (
        "Our teacher is Ms. Peterson. Oh wait, she wrote it on the board: it's Petersen with an e.",
        "Our teacher is Ms. Petersen.",
    ),
    ("My rent is 900 euros.|Sorry, I checked and it's 950.", "My rent is 950 euros."),
    ("My flight is on Monday. Oh no, I looked at the ticket and it's Tuesday.", "My flight is on Tuesday."),
    ("I live in Sutton Street.|Oops, I checked and it's Sutten Street.", "I live in Sutten Street."),
    ("The exam is on the 12th. Correction, she told us and it's the 19th.", "The exam is on the 19th."),
    ("My dentist is Dr. Kahn.|Wait, I looked it up and it's Kuhn.", "My dentist is Dr. Kuhn."),
    ("The bus leaves at 7:40. Sorry, I asked the driver and it's 7:14.", "The bus leaves at 7:14."),
    ("My shoe size is 43.|Scratch that, turns out it's 44.", "My shoe size is 44."),
    ("We have four hens. Oops, I've just checked, it's five.", "We have five hens."),
    ("My vet is called Ines. Ah, they spelled it for me: it's Inez with a z.", "My vet is called Inez."),
    ("The gig is on Friday.|My mistake, he told me that it's Saturday.", "The gig is on Saturday."),
    ("My mother lives in Lille. Wait, my sister said it's Lens.", "My mother lives in Lens."),
    ("I was born in 1982.|No, I looked at my passport and it's 1983.", "I was born in 1983."),
    ("My flight leaves at 7:40.|*7:14", "My flight leaves at 7:14."),
    ("I was born in 1982.|I mean 1983, sorry.", "I was born in 1983."),
    ("My mother lives in Lille.|Wait, actually it's Lens.", "My mother lives in Lens."),
    ("The boat is called Seagull. Typo: Sea Eagle.", "The boat is called Sea Eagle."),
    ("We have four hens. My mistake, five.", "We have five hens."),
    ("The exam is in May. I misspoke, June.", "The exam is in June."),
    ("The concert is on the 8th.|I got the date wrong. The concert is on the 9th.", "The concert is on"
                                                                                    " the 9th."),
    ("My aunt is from Graz. I said Graz, but it's Linz.", "My aunt is from Linz."),
    ("I weigh 68 kilos.|Typo: I weigh 86 kilos, not 68.", "I weigh 86 kilos, not 68."),
    ("My boss is Ms. Okoro.|Ah no, it was Ms. Okafor.", "My boss is Ms. Okafor."),
    ("The train is at half past nine.|Sorry, half past ten.", "The train is at half past ten."),
    ("We met on Monday. No, Friday.", "We met on Friday."),
    ("The party is tonight. no wait, tomorrow!", "The party is tomorrow."),
    ("We have four hens. Oops, five!", "We have five hens."),
    ("My mum visits at the weekend. I meant on Wednesday.", "My mum visits on Wednesday."),
    ("My mum visits on Wednesday. I meant at the weekend.", "My mum visits at the weekend."),
    ("We meet tomorrow. Sorry, I meant Friday.", "We meet on Friday."),
    ("The exam is next week. Hang on, in July.", "The exam is in July."),
    ("I paid 80 euros for it.|Hang on, I meant 18.", "I paid 18 euros for it."),
    ("Our anniversary is 3 June.|I mixed that up, it's 5 June.", "Our anniversary is 5 June."),
    ("My cat is called Biscuit.|Actually it was Brownie, Biscuit was his brother.",
     "My cat is called Brownie. Biscuit was his brother."),
]  # fmt: skip
PLAIN = [
    "I live in Bath. No, it's fine.",
    "My rent is 900 euros. Sorry, it's late.",
    "The gig is on the 12th. Actually, it's raining.",
    "I meant well. My boss is Ms. Okoro.",
    "I said I'd come. The gig is on the 12th.",
    "My shoe size is 43. Sorry, I meant to reply earlier.",
    "I live in Bath. I mean it.",
    "The exam is in May. Do I have to correct it?",
    "We have four hens. No, we don't sell eggs.",
    "My dentist is Dr. Kahn. It's not far.",
    "I live in Bath. Ugh, it's so annoying that there is no train.",
    "The gig is on the 12th. Oh, it's going to be great.",
    "My boss is Ms. Okoro. Well, it's just that she is new.",
    "My cat is called Biscuit. Hmm, it's a silly name.",
    "I weigh 68 kilos. Oh no, it's not enough.",
    "I got the time wrong and felt a fool. The gig is on the 12th.",
    "I had everything wrong at school. My aunt is from Graz.",
    "We have four hens. No, not five of them lay.",
    "The gig is on the 12th. Wait for me, I come on Friday.",
    "My flight leaves at 7:40. Sorry, two of us are late.",
    "My flight leaves at 7:40. It's a long way to the airport, not just an hour.",
]

# Said on Tuesday, 1 December 2026: a correction has the tense of what it corrects.
DATED = [
    ("We meet on Monday. Sorry, I meant Friday.", "4 December 2026"),
    ("We met on Monday. Sorry, I meant Friday.", "27 November 2026"),
    ("We met on Monday. No, Friday.", "27 November 2026"),
    ("The plumber comes on Monday. I mean Wednesday.", "2 December 2026"),
    ("The wedding is on 3 May. Sorry, I meant 4 May.", "4 May 2027"),
    ("The wedding was on 3 May. I meant to say 4 May.", "4 May 2026"),
    ("I saw the dentist on Thursday. Scratch that, Saturday.", "28 November 2026"),
    ("I have an appointment on Thursday. I meant to type Saturday.", "5 December 2026"),
    ("My exam is on Tuesday. Oops, I misspoke, it's Sunday.", "6 December 2026"),
    ("My exam was on Tuesday. Oops, I misspoke, it was Sunday.", "29 November 2026"),
    ("We fly on Monday. Typo, Friday.", "4 December 2026"),
    ("We flew on Monday. Typo, Friday.", "27 November 2026"),
    ("My sister moved in on Friday. I should have said Sunday.", "29 November 2026"),
    ("My sister moves in on Friday. I should have said Sunday.", "6 December 2026"),
    ("My sister moves in on Friday. | sorry I meant Sunday", "6 December 2026"),
    ("My sister moved in on Friday. | sorry I meant Sunday", "29 November 2026"),
    ("The party is on Saturday. I got the day wrong, it's Sunday.", "6 December 2026"),
    ("The party is on Saturday. I meant Sunday, not Saturday.", "6 December 2026"),
    ("The party was on Saturday. My mistake, Sunday.", "29 November 2026"),
    ("We meet on Monday at 5. Sorry, I meant 6.", "7 December 2026"),
    ("The concert is in June. I meant July.", "July 2027"),
    ("The concert was in June. I meant July.", "July 2026"),
    ("The flight leaves on Thursday. *Friday", "4 December 2026"),
    ("The flight left on Thursday. *Friday", "27 November 2026"),
    ("I start at Halden on Monday. Wait, no, I meant Wednesday!", "2 December 2026"),
    ("My mum visits at the weekend. I meant on Wednesday.", "2 December 2026"),
]  # fmt: skip


def _turns(text: str, said: datetime = datetime(2026, 7, 3, tzinfo=UTC)) -> list[Turn]:
    return [
        Turn(uuid.uuid4(), "u", "s", place, Role.USER, part, said, name="Mira")
        for place, part in enumerate(text.split("|"))
    ]


# Those of one turn, as what is put right in another stands in no line with it.
BESIDE_OTHERS = [said for said, meant in CORRECTED if "|" not in said and meant is not None]


class TestCorrections:
    @pytest.mark.parametrize(("said", "meant"), CORRECTED)
    def test_the_right_statement_is_read(self, said, meant):
        turns = _turns(said)
        left, corrected = apply_corrections(turns)
        assert [one.turn.content for one in corrected] == ([] if meant is None else [meant])
        if meant is not None:
            assert corrected[0].quote in turns[-1].content
            assert not analyse_original(left[-1].content).text.strip()
            assert left[:-1] == turns[:-1]  # the ledger keeps what was wrong, as it is put right later
            assert [len(turn.content) for turn in left] == [len(turn.content) for turn in turns]

    @pytest.mark.parametrize("said", PLAIN)
    def test_what_corrects_nothing_is_left_as_it_was_said(self, said):
        turns = _turns(said)
        assert apply_corrections(turns) == (turns, [])

    def test_a_hostile_text_takes_no_more_than_its_length(self):
        turns = _turns("Sorry, I meant the 4th. " * 900)
        assert len(apply_corrections(turns)[0]) == 1

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            (
                "We meet on Monday. Sorry, I meant Friday. My dog is called Rex.",
                ["Mira's dog is called Rex", "Correction: Mira and others meet on "],
            ),
            (
                "I live in Bath. No, I meant Bristol. I have two cats.",
                ["Mira has two cats", "Correction: Mira lives in Bristol"],
            ),
            ("Typo: Sea Eagle. I have two cats.", ["Mira has two cats"]),
            ("I got the time wrong and felt a fool. I live in Bath.", ["Mira lives in Bath"]),
            (
                "I got something wrong last time and I am glad of it. My wife's birthday is on 16 November.",
                ["Mira's wife's birthday is on 16 November 2026"],
            ),
            *(
                (
                    f"{corrected} I have two cats. My sister lives in Hull.",
                    ["Mira has two cats", "Mira's sister lives"],
                )
                for corrected in BESIDE_OTHERS
            ),
            *(
                (
                    f"My sister lives in Hull. {corrected} I have two cats.",
                    ["Mira's sister lives", "Mira has two cats"],
                )
                for corrected in BESIDE_OTHERS
            ),
        ],
    )
    def test_what_stands_beside_a_correction_is_kept(self, said, told):
        found = [fact.content for fact in extract_facts(_turns(said), PARSER)]
        assert all(any(content.startswith(one) for content in found) for one in told)

    @pytest.mark.parametrize(("said", "day"), DATED)
    def test_a_date_that_is_put_right_is_proved_by_its_quote(self, said, day):
        turns = _turns(said, datetime(2026, 12, 1, 9, tzinfo=UTC))
        accepted, refused = filter_facts(extract_facts(turns, PARSER), turns, {})
        assert not refused
        assert [day in fact.content for fact in accepted if fact.turn_id == turns[-1].id] == [True]

    @pytest.mark.parametrize("said", [said for said, meant in (*CORRECTED, *DATED) if "|" in said and meant])
    def test_what_was_posted_before_is_put_right_as_well(self, said):
        turns = _turns(said)
        ((together, _),) = extract_segments([turns], PARSER)
        ((apart, _),) = extract_segments([turns[-1:]], PARSER, [turns[:-1]])
        assert apart == [fact for fact in together if fact.turn_id == turns[-1].id]
        background = Background(previous=[turn.content for turn in turns[:-1]])
        accepted, refused = filter_facts(apart, turns[-1:], {}, background)
        assert (accepted, [one.reason for one in refused]) == (apart, [])
