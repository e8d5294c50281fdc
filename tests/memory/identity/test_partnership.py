"""One partner at several stages: dating, engaged and married are not one statement."""

import pytest

from app.core.vocabulary import Form
from app.memory.identity.partnership import differ_in_stage, partnership_stages
from app.memory.identity.slots import make_slot
from app.memory.reconciliation.sameness import same_statement
from app.memory.types import Fact, Slot
from tests.memory.reconciliation.test_sameness import memory


@pytest.mark.parametrize(
    ("sentence", "stages"),
    [
        ("Ilka is engaged to Bram.", "engaged"),
        ("Bram is Ilka's fiancé.", "engaged"),
        ("Ilka's fiancee is called Noor.", "engaged"),
        ("Bram proposed to Ilka on the ferry.", "engaged"),
        ("Ilka and Bram are getting married in June.", "engaged"),
        ("Ilka will marry Bram.", "engaged"),
        ("Bram is Ilka's husband-to-be.", "engaged"),
        ("Ilka is married to Bram.", "married"),
        ("Ilka married Bram last spring.", "married"),
        ("Bram is Ilka's husband.", "married"),
        ("Ilka's wife teaches physics.", "married"),
        ("Ilka and Bram tied the knot.", "married"),
        ("Ilka's spouse is Bram.", "married"),
        ("They got married at the town hall.", "married"),
        ("Ilka is dating Bram.", "dating"),
        ("Bram is Ilka's boyfriend.", "dating"),
        ("Ilka is going out with Bram.", "dating"),
        ("Ilka dates Bram.", "dating"),
        ("Bram is Ilka's partner.", ""),
        ("Ilka lives with Bram.", ""),
        ("Ilka is engaged in a debate.", ""),
        ("Ilka's sister is Mara.", ""),
    ],
)
def test_a_sentence_tells_the_stage(sentence, stages):
    assert partnership_stages(sentence) == frozenset(stages.split())


@pytest.mark.parametrize(
    ("attribute", "value", "slot"),
    [
        ("engaged_to", "Bram", ("relation:partner", "bram")),
        ("married_to", "Bram", ("relation:partner", "bram")),
        ("married", "Bram", ("relation:partner", "bram")),
        ("engaged", "Bram", ("relation:partner", "bram")),
        ("husband", "Bram", ("relation:partner", "bram")),
        ("dating", "Bram", ("relation:partner", "bram")),
        ("partner", "married", ("relationship_status", "married")),
        ("spouse", "engaged", ("relationship_status", "engaged")),
        ("married", "yes", ("relationship_status", "married")),
        ("engaged", "true", ("relationship_status", "engaged")),
        ("married", "since 2019", ("relationship_status", "since 2019")),
        ("marital_status", "engaged", ("relationship_status", "engaged")),
        ("relationship_status", "married", ("relationship_status", "married")),
        ("status", "engaged", ("relationship_status", "engaged")),
    ],
)
def test_a_name_is_the_partner_and_a_stage_the_status(attribute, value, slot):
    made, polarity = make_slot("user", attribute, value)
    assert made is not None
    assert ((made.attribute, made.value), polarity) == (slot, 1)


STAGES = ("Ilka is dating Bram", "Ilka is engaged to Bram", "Ilka is married to Bram")


@pytest.mark.parametrize("before", STAGES)
@pytest.mark.parametrize("after", STAGES)
@pytest.mark.parametrize("attribute", ["relation:partner", "relationship_status"])
def test_another_stage_is_another_statement(before, after, attribute):
    slot = Slot("user", attribute, "bram")
    known = memory(before, slot=slot, form=Form.STATE)
    fact = Fact(turn_id=known.id, content=after, quote="", slot=slot, form=Form.STATE, kind=known.kind)
    assert same_statement(fact, known) is (before == after)


def test_who_the_partner_is_agrees_with_each_stage_and_other_slots_have_none():
    assert not differ_in_stage("relation:partner", "Bram is Ilka's partner", "Ilka is married to Bram")
    assert not differ_in_stage("residence", "Ilka's wife lives in Ghent", "Ilka's fiancée lives in Ghent")
