import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.identity.attributes import ATTRIBUTES
from app.memory.identity.endings import is_end_value, split_denial
from app.memory.identity.values import normalise_value

EQUAL = [
    ("residence", ["Derby", " derby ", "DERBY.", "**Derby**", "“Derby”", "De\u200brby"]),
    ("favourite:dish", ["crème brûlée", "cre\u0300me bru\u0302le\u0301e", "Crème Brûlée", "a crème brûlée"]),
    ("employer", ["the opera", "The Opera", "opera"]),
    ("rent", ["€1,280", "1,280 euros", "1280 EUR", "1.28k euros", "twelve hundred and eighty euros"]),
    ("salary", ["$45k", "45,000 dollars", "45 thousand dollars", "forty-five thousand dollars",
         "USD 45000", "$45,000.00"]),
    ("budget", ["£300", "300 pounds", "three hundred pounds", "300 quid", "gbp 300"]),
    ("phone", ["+44 7700 900617", "0044 7700 900617", "+44 (7700) 900-617", "+447700900617"]),
    ("phone", ["555-0199", "555 0199", "5550199", "(555) 0199"]),
    ("email", ["Ann@Example.com", "ann@example.com", "mailto:ann@example.com", " ANN@example.com."]),
    ("wake_up_time", ["7:15", "07:15", "quarter past seven", "7.15", "7:15 am", "at 7:15", "7:15 a.m."]),
    ("wake_up_time", ["half past six", "6:30", "06:30", "30 past 6"]),
    ("bedtime", ["10pm", "22:00", "ten pm", "10 p.m.", "10 in the evening"]),
    ("bedtime", ["quarter to eleven in the evening", "10:45 pm", "22:45"]),
    ("due_date", ["2026-05-03", "3 May 2026", "May 3, 2026", "3rd of May 2026", "May 3rd 2026",
         "the 3rd of May 2026"]),
    ("birthday", ["3 May", "May 3", "May 3rd", "3rd of May", "3 may"]),
    ("commute", ["11 km", "eleven kilometres", "11km", "11 kilometers", "eleven km"]),
    ("weight", ["72 kg", "72kg", "seventy-two kilos", "72 kilograms"]),
    ("children_count", ["2", "two", "Two", " 2 "]),
    ("smoking", ["yes", "Yes", "true", "YES.", "y"]),
    ("smoking", ["no", "No!", "false", "nope"]),
    ("medication", ["50 mg", "50mg", "fifty milligrams"]),
    ("books_read", ["31", "thirty-one", "thirty one"]),
    ("sleep", ["8 hours", "eight hours", "8 h", "8 hrs"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("attribute", "left", "right"),
    [(name, values[0], other) for name, values in EQUAL for other in values[1:]],
)
def test_values_that_say_the_same_are_equal(attribute, left, right):
    assert normalise_value(attribute, left) == normalise_value(attribute, right)


@pytest.mark.parametrize(
    ("attribute", "left", "right"),
    [
        ("injury", "left arm", "right arm"),
        ("wake_up_time", "7:15", "17:15"),
        ("wake_up_time", "quarter past seven", "quarter to seven"),
        ("phone", "07700 900617", "07700 900671"),
        ("rent", "1,280 euros", "1,820 euros"),
        ("rent", "1280 euros", "1280 pounds"),
        ("address", "26 Quarry Rise", "62 Quarry Rise"),
        ("due_date", "3 May 2026", "5 March 2026"),
        ("due_date", "3 May 2026", "3 May 2027"),
        ("medication", "50 mg", "50 g"),
        ("weight", "72 kg", "72 lb"),
        ("residence", "Jersey", "New Jersey"),
        ("residence", "Malmö", "Malmo"),
        ("children_count", "two", "three"),
        ("employer", "Brunel Foods", "Brunel"),
        ("favourite:dish", "rosé", "rose"),
        ("best_time", "3:58", "3:59"),
        ("commute", "11 km", "11 miles"),
        ("age", "twenty", "twenty-one"),
        ("email", "ann@example.com", "an@example.com"),
    ],
)
def test_values_that_differ_stay_apart(attribute, left, right):
    assert normalise_value(attribute, left) != normalise_value(attribute, right)


@given(st.sampled_from(sorted(ATTRIBUTES)), st.text(max_size=40))
def test_normalising_twice_changes_nothing(attribute, value):
    once = normalise_value(attribute, value)
    assert normalise_value(attribute, once) == once


@given(st.integers(0, 23), st.integers(0, 59))
def test_every_time_of_day_is_read(hour, minute):
    assert normalise_value("wake_up_time", f"{hour}:{minute:02d}") == f"{hour:02d}:{minute:02d}"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("vehicle", "none"), ("vehicle", "sold"), ("car", "stolen last week"), ("vehicle", "no car"),
        ("vehicle", "Written off"),
        ("vehicle", "no longer has one"), ("bicycle", "stolen"), ("laptop", "given away"),
        ("employer", "laid off"),
        ("employer", "was made redundant"), ("employer", "between jobs"), ("employer", "unemployed"),
        ("occupation", "retired"),
        ("job", "recently retired"), ("employment_status", "fired"), ("partner", "single"),
        ("partner", "is single again"),
        ("relationship_status", "divorced"), ("relationship_status", "split up in May"), ("boyfriend", "ex"),
        ("allergy", "No allergies"), ("allergies", "no known allergies"), ("allergy", "outgrown"),
        ("medication", "came off it"),
        ("medication", "none"), ("health_condition", "cured"), ("injury", "healed"),
        ("membership", "no longer a member"),
        ("gym", "cancelled"), ("subscription", "expired"), ("trip", "cancelled"), ("plan", "called off"),
        ("project", "finished"),
        ("status", "died"), ("health", "passed away"), ("dog", "died in July"), ("pet", "rehomed"),
        ("smoking", "quit"),
        ("smoker", "no"), ("smoking", "non-smoker"), ("drinking", "sober"), ("debt", "paid off"),
        ("hobby", "gave up"),
        ("course", "dropped out"), ("residence", "moved out"), ("carrier", "left"),
        ("death", "2026-04-09"), ("rent", "n/a"),
        ("pets", "no pets"), ("children", "no children"), ("team", "disbanded"),
        ("pregnancy", "gave birth"), ("shed", "gone"),
    ],
)  # fmt: skip
def test_an_end_is_no_value(attribute, value):
    assert is_end_value(attribute, value)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("vehicle", "Golf"), ("vehicle", "Fiat Lost"), ("employer", "Quit Genius"),
        ("employer", "Over the Moon Ltd"),
        ("employer", "Dismissal Records"), ("occupation", "firefighter"),
        ("occupation", "retirement adviser"),
        ("partner", "Nolan"), ("partner", "Lena"), ("relationship_status", "married"),
        ("relationship_status", "engaged"),
        ("allergy", "nuts"), ("medication", "naproxen"), ("medication", "no naproxen"),
        ("membership", "chess club"), ("trip", "Lisbon"), ("project", "Overlord"),
        ("favourite:song", "Gone Girl"),
        ("diet", "no sugar"), ("answer_style", "no waffle"), ("name", "Noah"), ("residence", "Nonesuch"),
        ("pet", "Gonzo"),
        ("children_count", "0"), ("drinking", "wine at weekends"), ("smoking", "ten a day"),
        ("health", "recovering slowly"),
        ("hobby", "finishing furniture"), ("phone", "07700 900617"), ("team", "Lost and Found"),
        ("school", "Leftwich High"),
    ],
)  # fmt: skip
def test_a_value_is_no_end(attribute, value):
    assert not is_end_value(attribute, value)


@pytest.mark.parametrize(
    ("value", "rest"),
    [("no naproxen", "naproxen"), ("no longer vegan", "vegan"), ("not a vegetarian", "vegetarian"),
     ("former nurse", "nurse"), ("stopped taking ibuprofen", "ibuprofen"),
        ("no longer works at Acme", "acme")],
)  # fmt: skip
def test_a_denied_value_is_the_value_and_a_denial(value, rest):
    assert split_denial(value) == (rest, True)
    assert split_denial(rest) == (rest, False)
