"""Corrections by type: date for date, name for name, number for number, place for place."""

import pytest

from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.told import Told

SELF = frozenset({"mira"})

CORRECTED = [
    ("Mira's tenant's name is Castellani", "Mira got Mira's tenant's name wrong, it is Castellanos"),
    ("Mira's daughter was born in Ghent", "Mira misspoke, Mira's daughter was born in Bruges, not Ghent"),
    ("Mira weighs 68 kilos at the moment", "Typo: Mira weighs 86 kilos, not 68"),
    ("Mira's dentist is Dr. Kahn", "The dentist is Dr. Kuhn, not Kahn"),
    ("Mira's accountant is Mr. Adeyemi", "Mira gave you the wrong name: the accountant is Mr. Adeyinka"),
    ("The recital is on 12 May 2026", "Mira mixed the dates up, the recital is on 21 May 2026"),
    ("The recital is on 12 May 2026", "The recital is on 21 May 2026, not 12 May"),
    ("Mira's flat has 54 square metres", "Mira mistyped: the flat has 45 square metres"),
    ("Mira's shoe size is 43", "Mira's shoe size is 44, 43 was a typo"),
    ("Mira's aunt lives in Graz", "Mira was wrong, Mira's aunt lives in Linz, not in Graz"),
    ("Mira's boat is called Seagull", "Correction: the boat is called Sea Eagle, not Seagull"),
    ("Mira's flight leaves at 7:40", "Mira misread the ticket, the flight leaves at 9:25"),
    ("Mira's cousin studies in Porto", "Mira meant Braga, the cousin studies in Braga"),
    ("Mira's locker code is 4471", "Mira transposed the digits, the locker code is 4417"),
    ("Mira's school was founded in 1892", "The school was founded in 1982, that was a slip of the pen"),
    ("Mira's landlord is Herr Vogt", "Mira said Vogt, but the landlord is Herr Voss"),
    ("The vernissage is on Friday", "My mistake, the vernissage is on Saturday"),
    ("Mira's plumber is called Denny", "The wrong name: the plumber is called Danny"),
    ("Mira ran 18 km on Sunday", "Mira ran 8 km on Sunday, 18 was a typo"),
    ("Mira's sister works for Siemens", "Mira muddled them: Mira's sister works for Bosch, not for Siemens"),
]
LEFT = [
    ("Mira's dentist is Dr. Kahn", "The vet is Dr. Kuhn, not Lahm"),
    ("Mira's dentist is Dr. Kahn", "Mira got the vet's name wrong, it is Kuhn"),
    ("Mira weighs 68 kilos", "Mira's brother weighs 86 kilos, not 68"),
    ("The recital is on 12 May 2026", "The exam is on 21 May 2026, Mira mixed the dates up"),
    ("Mira lives in Graz", "Mira was wrong about the weather in Linz"),
    ("Mira has two cats", "Mira was not wrong about Bo"),
    ("Mira's flight leaves at 7:40", "Mira's train leaves at 9:25, not at 9:15"),
    ("Mira works for Siemens", "Bo works for Bosch, not for Siemens"),
    ("Mira's boat is called Seagull", "Mira meant well"),
    ("Mira likes Vienna", "Mira took the wrong bus to Linz"),
    ("Mira's shoe size is 43", "Mira's ring size is 54, not 56"),
    ("Mira's beagle Otto ate a lasagne", "Mira said goodbye to Otto on 5 July 2026"),
    ("Mira lives in Graz", "Mira told Bo about Graz"),
    ("Mira drinks tea", "Mira's mug is green, not blue"),
]


class TestValueCorrections:
    @pytest.mark.parametrize(("wrong", "right"), CORRECTED)
    def test_a_value_is_put_right(self, wrong, right):
        found = find_change(Told(right, subject="user"), Told(wrong, subject="user"), SELF, SELF)
        assert found is not None
        assert found.kind is ChangeKind.CORRECT

    @pytest.mark.parametrize(("stated", "later"), LEFT)
    def test_what_is_about_something_else_is_left(self, stated, later):
        found = find_change(Told(later, subject="user"), Told(stated, subject="user"), SELF, SELF)
        assert found is None or found.kind is not ChangeKind.CORRECT


# A correction that names nothing but the right name, and what has one that is spelt nearly so.
SPELT_LIKE = [
    ("Mira's new manager is called Alan", "Correction: Mira read his badge and it is Alun, with a u"),
    ("Mira's dentist is called Kahn", "Correction: Mira looked it up and it is Kuhn"),
    ("Mira's teacher is Ms. Peterson", "Correction: it is Petersen with an e"),
    ("Mira lives in Sutton Street", "Correction: Mira checked, it is Sutten Street"),
    ("Mira's boss is Katherine", "Correction: it is Catherine"),
    ("Mira's vet is called Ines", "Correction: they spelled it, it is Inez"),
    ("Bo's cat is called Bisquit", "Correction: it is Biscuit"),
    ("Mira's flatmate Jon cooks", "Correction: he is called John"),
    ("The boat is called Marieta", "Correction: Mira saw the bow, it is Marietta"),
    ("Mira's landlord is Herr Mayer", "Correction: it is Meyer on the letterbox"),
    ("Mira works with Steven", "Correction: he writes Stephen"),
    ("Mira's midwife is Aoife", "Correction: it is Aiofe"),
    ("The hotel is the Excelsor", "Correction: the sign says Excelsior"),
]
SPELT_OTHERWISE = [
    ("Mira's new manager is called Alan", "Correction: Mira read his badge and it is Ravi"),
    ("Mira's dentist is called Kahn", "Mira met a man called Kuhn"),
    ("Mira's teacher is Ms. Peterson", "Correction: it is a Tuesday"),
    ("Mira likes tea", "Correction: it is Catherine"),
    ("Mira's boss is Katherine", "Katherine sent Mira a card from Catford"),
    ("Mira's sister Eva lives in Rome", "Correction: it is Bob"),
    ("Mira moved to Hull in May", "Correction: it is June"),
    # Talk that has a word of corrections.
    ("Mira loves the books of Tolkien", "Mira meant to write to the Tolkiens' museum"),
    ("Mira drives a Passat", "Owning up to mistakes is one way in which Passau taught Mira"),
    ("Mira is reading Harry Potter", "I mean, Mira went to a place that Harris Porter runs"),
    ("Mira met Kingsley", "Mira took the wrong bus to Kingsleigh and had a great talk there"),
    ("Mira plays for the Wolves", "My mistake was to join the Wolvers, says Mira"),
    (
        "Mira plays for the Wolves",
        "Correction: it was a long evening with many people, and somebody from Wolver said it rained",
    ),
    # "Not" denies a deed, and the speaker's name stands in it.
    ("Mira is writing about fantasy novels", "Mira had an issue and could not find Mira's way out"),
    ("Mira is trying to study more", "Mira tried a story, but it did not go the way Mira wanted"),
    ("Mira likes the sea", "It was a long day and not Mira's best one"),
]


@pytest.mark.parametrize(("wrong", "right"), SPELT_LIKE)
def test_a_name_that_is_spelt_nearly_so_is_put_right(wrong: str, right: str):
    found = find_change(Told(right, "user"), Told(wrong, "user"), SELF)
    assert found is not None
    assert found.kind is ChangeKind.CORRECT


@pytest.mark.parametrize(("wrong", "right"), SPELT_OTHERWISE)
def test_another_name_is_put_right_by_no_likeness(wrong: str, right: str):
    found = find_change(Told(right, "user"), Told(wrong, "user"), SELF, SELF)
    assert found is None or found.kind is not ChangeKind.CORRECT
