import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.identity.slots import canonical_slot, make_slot
from app.memory.types import Slot


@pytest.mark.parametrize(
    ("attribute", "value", "slot", "polarity"),
    [
        ("city", "Derby", ("residence", "derby"), 1),
        ("Lives in", "the city of Derby", ("residence", "derby"), 1),
        ("home", "a small flat in Truro", ("residence", "truro"), 1),
        ("wife", "Ada", ("relation:partner", "ada"), 1),
        ("husband", "Ben", ("relation:partner", "ben"), 1),
        ("friend", "Tom", ("relation:friend:tom", "yes"), 1),
        ("relation:friend", "Tom", ("relation:friend:tom", "yes"), 1),
        ("likes", "jazz", ("likes:jazz", "yes"), 1),
        ("likes:jazz", "yes", ("likes:jazz", "yes"), 1),
        ("likes:jazz", "no", ("likes:jazz", "no"), -1),
        ("loves", "no jazz", ("likes:jazz", "no"), -1),
        ("allergies", "none", ("allergy", "none"), 1),
        ("allergy", "Nuts", ("allergy:nuts", "yes"), 1),
        ("nut_allergy", "severe", ("allergy:nuts", "yes"), 1),
        ("nut_allergy", "outgrown", ("allergy:nuts", "no"), -1),
        ("medication", "naproxen 50 mg", ("medication:naproxen", "50 mg"), 1),
        ("medicine", "Naproxen, 100mg", ("medication:naproxen", "100 mg"), 1),
        ("meds", "no naproxen", ("medication:naproxen", "no"), -1),
        ("naproxen_dose", "75 mg", ("medication:naproxen", "75 mg"), 1),
        ("dog", "Truffle", ("pet:truffle", "yes"), 1),
        ("pet:rex", "dog", ("pet:rex", "yes"), 1),
        ("has_dog", "yes", ("pet:dog", "yes"), 1),
        ("son", "Theo", ("child:theo", "yes"), 1),
        ("children", "three", ("children_count", "3"), 1),
        ("orchestra_member", "no", ("membership:orchestra", "no"), -1),
        ("former_employer", "Acme", ("employer", "acme"), -1),
        ("employer", "no longer works at Acme", ("employer", "acme"), -1),
        ("employer", "laid off", ("employer", "laid off"), 1),
        ("car", "none", ("vehicle", "none"), 1),
        ("married", "yes", ("relationship_status", "married"), 1),
        ("is_married", "no", ("relationship_status", "married"), -1),
        ("vegetarian", "true", ("diet", "vegetarian"), 1),
        ("status", "divorced", ("relationship_status", "divorced"), 1),
        ("status", "passed away", ("life_status", "passed away"), 1),
        ("favorite_movie", "Alien", ("favourite:film", "alien"), 1),
        ("plant_count", "twelve", ("count:plant", "12"), 1),
        ("rent", "€1,280", ("rent", "1280 eur"), 1),
        ("visited", "Oslo", ("visited:oslo", "yes"), 1),
        ("admired", "a painter", ("admired:painter", "yes"), 1),
        ("garden_tools", "spade", ("garden_tool:spade", "yes"), 1),
        ("wednesdays", "choir", ("wednesday", "choir"), 1),
        ("current_mood_ring", "blue", ("mood_ring", "blue"), 1),
    ],
)
def test_a_property_is_one_slot_however_it_is_named(attribute, value, slot, polarity):
    made, sign = make_slot("user", attribute, value)
    assert made is not None
    assert (made.subject, made.attribute, made.value, sign) == ("user", *slot, polarity)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("trip", "Lisbon"), ("dentist_appointment", "2026-05-12"), ("flight_departure", "9:15"),
        ("injury", "left arm"),
        ("", "x"), ("__", "x"), ("employer", ""), ("likes", ""), ("likes", "yes"), ("employer", "yes"),
        ("🙂", "x"),
        ("partner", "true"), ("residence", "   "), ("birthday", "yes"),
    ],
)  # fmt: skip
def test_events_and_empty_words_fill_no_slot(attribute, value):
    assert make_slot("user", attribute, value)[0] is None


@pytest.mark.parametrize(
    ("subject", "attribute", "value", "slot"),
    [
        ("user", "wife_birthday", "3 May", ("wife", "birthday", "3 may")),
        ("user", "daughter_age", "five", ("daughter", "age", "5")),
        ("user", "best_friend_city", "Rome", ("best friend", "residence", "rome")),
        ("user", "mother_name", "Ruth", ("user", "relation:mother", "ruth")),
        ("bo", "sister_job", "nurse", ("bo's sister", "occupation", "nurse")),
        ("ann", "manages", "Bo", ("bo", "relation:manager", "ann")),
        ("bo", "reports_to", "Ann", ("bo", "relation:manager", "ann")),
        ("ann", "mother_of", "Bo", ("bo", "relation:mother", "ann")),
        ("user", "mother_tongue", "Welsh", ("user", "native_language", "welsh")),
        ("user", "dog_breed", "beagle", ("user", "breed", "beagle")),
    ],
)
def test_a_name_may_say_whose_property_it_is(subject, attribute, value, slot):
    assert make_slot(subject, attribute, value)[0] == Slot(*slot)


@pytest.mark.parametrize(
    ("attribute", "known"),
    [
        ("wednesday_activity", "wednesday"), ("bread_supplier", "bread_provider"),
        ("shed_key_place", "shed_key_location"),
        ("current_puzzle", "puzzle"), ("recipe_app", "recipes_tool"), ("gardening_service", "garden_app"),
        ("allotment_fee", "allotment_cost"), ("loyalty_card", "loyalty_cards"),
        ("sourdough_starter_name", "sourdough_starter"),
        ("piano_lesson", "piano_course"), ("telescope_type", "telescope"), ("newspaper_2026", "newspaper"),
        ("heating_operator", "heating_vendor"), ("chess_rival", "rival_chess"),
        ("podcast_program", "podcast_application"), ("drone_value", "drone"),
        ("bedroom_colours", "bedroom_colour"),
        ("boiler_kind", "boiler"), ("daily_crossword", "crossword"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_known_takes_that_of_a_stored_slot(attribute, known):
    slot = Slot("user", attribute, "x")
    assert canonical_slot(slot, ["residence", "other_thing", known]).attribute == known
    assert canonical_slot(Slot("user", known, "x"), [known, attribute]).attribute == known


@pytest.mark.parametrize(
    ("attribute", "known"),
    [
        ("puzzle", "jigsaw_box"), ("winter_tyres", "summer_tyres"), ("left_shelf", "right_shelf"),
        ("dream_boat_x", "boat"),
        ("tool:hammer", "tool:saw"), ("residence", "home_place"), ("puzzle:blue", "puzzle"),
        ("kitchen_light", "kitchen"),
        ("current", "new"), ("first_novel_title", "second_novel_title"),
    ],
)  # fmt: skip
def test_another_property_keeps_its_name(attribute, known):
    assert canonical_slot(Slot("user", attribute, "x"), [known]).attribute == attribute


def test_meaning_decides_where_words_differ_but_not_between_items_or_for_the_registry():
    slot = Slot("user", "sourdough", "rye")
    assert canonical_slot(slot, ["bread"], {"bread": 0.9}).attribute == "bread"
    assert canonical_slot(slot, ["bread"], {"bread": 0.7}).attribute == "sourdough"
    assert canonical_slot(slot, ["bread"], {"elsewhere": 0.99}).attribute == "sourdough"
    assert (
        canonical_slot(Slot("user", "baked:rye", "yes"), ["made:oat"], {"made:oat": 0.99}).attribute
        == "baked:rye"
    )
    assert canonical_slot(Slot("user", "diet", "vegan"), ["menu"], {"menu": 0.99}).attribute == "diet"


WORDS = st.sampled_from(
    ["bread", "supplier", "provider", "current", "my", "tool", "app", "shed", "keys", "2026", "place"]
)


@given(st.lists(WORDS, min_size=1, max_size=4), st.text(min_size=1, max_size=20))
def test_a_canonical_slot_stays_as_it_is(words, value):
    slot, polarity = make_slot("user", "_".join(words), value)
    if slot is not None:
        again, sign = make_slot(slot.subject, slot.attribute, slot.value, polarity)
        assert again is not None
        assert (again.attribute, sign) == (slot.attribute, polarity)


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from([1, -1]))
def test_any_words_are_read(attribute, value, polarity):
    slot, sign = make_slot("user", attribute, value, polarity)
    assert sign in (1, -1)
    assert slot is None or (slot.attribute and slot.value)
