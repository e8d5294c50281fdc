"""Running counts, wishes for answers, and what ends by its own words."""

from datetime import UTC, datetime

import pytest

from app.memory.reconciliation.answer_settings import asks_for_setting, changes_setting
from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.running_counts import changes_count
from app.memory.reconciliation.stays import own_end
from app.memory.reconciliation.told import Told

SAID = datetime(2026, 3, 2, 10, tzinfo=UTC)
COUNTS = [
    ("Mira has read nine books so far", "Mira just finished book number 14 of the year"),
    ("Mira has done three marathons", "Hamburg was Mira's fifth marathon"),
    ("Mira has eleven tomato plants", "Hail killed four of the tomato plants, Mira is down to seven"),
    ("Mira keeps six hens", "A fox took two of the hens, so there are four left"),
    ("Mira has been to 14 countries so far", "Japan was country number 15 for Mira"),
    ("Mira has eighteen chickens", "Mira has twenty-two chickens now"),
    ("Mira has two cats", "Mira's third cat arrived"),
    ("Mira has 120 followers", "Mira's channel hit 500 followers"),
    ("Mira has four jars of honey", "Mira has only two jars of honey"),
    ("Mira has climbed 20 peaks", "That makes it 21 peaks for Mira"),
    ("Mira's class has 30 pupils", "Two left Mira's class, so there are now 28 pupils"),
    ("Mira owns six guitars", "Mira is up to eight guitars"),
    ("Mira has three tenants", "Mira now has four tenants"),
    ("Mira has five spare tickets", "Mira has two tickets left"),
    ("Mira has given 7 concerts", "It was Mira's 8th concert"),
    ("There are ten goats on Mira's farm", "There are twelve goats by now"),
    ("Mira has written 12 chapters", "Mira passed 15 chapters"),
    ("Mira has 40 stamps from Chile", "Mira's collection has grown to 55 stamps from Chile"),
    ("Mira has saved three goals", "Mira has saved five goals already"),
    ("Mira has nine bottles of cider", "Mira has three bottles remaining"),
]
OTHER_COUNTS = [
    ("Mira has three floors", "Mira lives on the fifth floor"),
    ("Mira has two cats", "Mira has four dogs now"),
    ("Mira is 40", "Mira turned 41 on the 5th of May"),
    ("Mira has done seven marathons", "Hamburg was Mira's fifth marathon"),
    ("Mira has six hens", "Mira has six hens now"),
    ("Mira has three goats", "Mira waited three hours"),
]
SETTINGS = [
    ("Mira asks: write to Mira in Spanish", "Mira asks: let's go back to English for your replies"),
    ("Mira asks: answer Mira in German from now on", "Mira asks: English again for all your answers"),
    ("Mira asks: keep your answers short", "Mira asks: write longer, more detailed answers"),
    ("Mira asks: use metric units with Mira", "Mira asks: give Mira everything in miles"),
    ("Mira asks: be formal with Mira", "Mira asks: you can drop the formal tone, talk like a friend"),
    ("Mira asks: always answer with bullet points", "Mira asks: no bullets any more, Mira prefers prose"),
    ("Mira asks: never use emojis in your answers", "Mira asks: you can use emojis again"),
    ("Mira asks: be blunt with Mira", "Mira asks: be gentle with Mira from now on"),
    ("Mira asks: answer in two sentences", "Mira asks: explain everything in depth to Mira"),
    ("Mira asks: give Mira temperatures in celsius", "Mira asks: give Mira temperatures in fahrenheit"),
]
ENDS = [
    ("Wes is house-sitting in Como until the end of May 2026", (6, 1)),
    ("Ada is spending March 2026 in Madeira", (4, 1)),
    ("Ada is on crutches for six weeks", (4, 13)),
    ("Ada's arm is in plaster for five weeks", (4, 6)),
    ("Ada is on parental leave through August", (9, 1)),
    ("Ada is in Rome until Friday", (3, 7)),
    ("Ada wears a cast until 20 March 2026", (3, 21)),
    ("Ada is on holiday in the week of 2 March 2026", (3, 9)),
    ("Ada works from home until April 2026", (4, 1)),
    ("Ada is taking antibiotics for ten days", (3, 12)),
    ("Ada is staying with a friend for a fortnight", (3, 16)),
    ("Ada is fasting for three days", (3, 5)),
    ("Ada works at Acme", None),
    ("Ada has lived in Bath for ten years", None),
    ("Ada is getting married in March 2026", None),
    ("Ada runs for two hours every week", None),
    ("Ada is going to Rome for two weeks", None),
    ("Ada has a flight to Rome on 3 May 2026", None),
    ("Ada stayed in Rome until Friday", None),
    ("Ada is planning a trip for three days", None),
]


class TestNewestValues:
    @pytest.mark.parametrize(("earlier", "later"), COUNTS)
    def test_the_newest_count_holds(self, earlier, later):
        assert changes_count(later, earlier)

    @pytest.mark.parametrize(("earlier", "later"), OTHER_COUNTS)
    def test_another_count_is_left(self, earlier, later):
        assert not changes_count(later, earlier)

    @pytest.mark.parametrize(("earlier", "later"), SETTINGS)
    def test_the_newest_wish_for_answers_holds(self, earlier, later):
        assert changes_setting(later, earlier)

    @pytest.mark.parametrize(
        "said",
        ["Write a poem in Spanish.", "Translate this to Spanish.", "I switched to Dutch at school.",
         "I like short stories.",
         "Give me a summary of the book in English.", "Could you write me a letter in French?"],
    )  # fmt: skip
    def test_what_is_asked_once_is_no_setting(self, said):
        assert not asks_for_setting(said)

    @pytest.mark.parametrize(("content", "day"), ENDS)
    def test_what_ends_by_its_own_words(self, content, day):
        end = own_end(content, SAID)
        assert (end and (end.month, end.day)) == day

    def test_who_is_back_ends_a_stay_elsewhere_and_not_at_home(self):
        back = Told("Mira is back in Oslo since Monday", subject="user")
        away = Told("Mira is staying in Como for a month", subject="user")
        at_home = Told("Mira is staying in Oslo this month", subject="user")
        self_names = frozenset({"mira"})
        assert find_change(back, away, self_names) is not None
        assert find_change(back, at_home, self_names) is None
