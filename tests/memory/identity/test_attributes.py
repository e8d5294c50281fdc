import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.identity.attribute_names import fold_name, name_variants
from app.memory.identity.attributes import ATTRIBUTES, find_attribute, resolve_attribute
from app.memory.identity.topic_phrases import TOPIC_PHRASES

ALIASES = {
    "residence": (

        "residence city Lives-in living_in CurrentCity home_city town based_in based_at_city? "
        "location current_location my_home resides_in place_of_residence placeOfResidence "
        "residency_city? city_2025 new_home homeLocation user_city city_of_residence "
        "currently_lives_in country"
    ),
    "origin": "hometown home_town country_of_origin comes_from originally_from",
    "employer": (

        "employer company works_at works_for WorksFor workplace current_employer employer_name "
        "new_employer company_name job_company place_of_work current_workplace employed_by firm "
        "organization organisation"
    ),
    "occupation": (

        "job job_title JobTitle position role current_role occupation profession works_as career "
        "new_job line_of_work current_position occupation_title? jobs"
    ),
    "employment_status": (
        "employment_status work_status job_status "
        "employment currently_employed employment_state"
    ),
    "partner": (

        "partner spouse husband wife boyfriend girlfriend fiancé fiancee married_to partner_name "
        "wife_name husband's_name significant_other new_boyfriend current_partner is_dating "
        "relation:wife relation:partner romantic_partner engaged_to"
    ),
    "relationship_status": (
        "marital_status civil_status relationship_status "
        "relationship love_life is_married"
    ),
    "children_count":
        "number_of_children children_count how_many_children kids_count num_children "
        "total_children child_count",
    "child": "children kids son daughter child_name baby",
    "pet": "dog cat pets dogs pet_name has_dog dog_name pet:rex puppy",
    "vehicle": "car vehicle drives current_car new_car car_model owns_car car_make vehicles automobile",
    "bicycle": "bike bicycle road_bike bikes",
    "phone":
        "phone phone_number mobile mobile_number cell_phone telephone_number new_phone_number "
        "contact_number",
    "phone_model": "phone_model smartphone phone_brand current_phone_model",
    "email": "email e-mail email_address mail eMail",
    "carrier": "carrier mobile_provider phone_provider network mobile_network phone_carrier new_carrier",
    "internet_provider": "isp broadband internet_provider wifi_provider",
    "bank": "bank banks_with bank_name main_bank",
    "gym": "gym gym_membership trains_at gym_name",
    "membership": "member_of orchestra_member club_membership memberships chess_club_member membership:chess",
    "subscription": (
        "subscriptions subscribes_to "
        "netflix_subscription streaming_service subscription_to_netflix"
    ),
    "rent": "rent monthly_rent rent_per_month rent_amount current_rent Monthly_Rent flat_rent",
    "salary": "salary income annual_salary wage salary_2026 yearly_salary compensation",
    "budget": "budget monthly_budget grocery_budget",
    "savings_goal": "savings_goal saving_for savings_target",
    "allergy": "allergy allergies allergic_to food_allergies nut_allergy peanut_allergy has_allergy",
    "intolerance": "intolerance lactose_intolerance food_intolerances",
    "health_condition": "condition medical_condition diagnosis chronic_conditions diagnosed_with diseases",
    "medication":
        "medication medicine meds current_medications prescription takes_medication "
        "naproxen_dose medicines",
    "diet": "diet dietary_preference eating_habits dietary_restrictions is_vegetarian food_habits",
    "injury": "injury injuries fracture knee_injury",
    "smoking": "smoking smoker smokes is_smoker smoking_habit smoking_status cigarettes_per_day",
    "drinking": "alcohol drinks_alcohol drinking_habits alcohol_consumption",
    "wake_up_time": "wake_up_time wakes_up_at gets_up_at wakeup_time",
    "favourite":
        "favourite_book favorite_book favourite:film FavoriteColor preferred_airline "
        "favourite_team fav_band",
    "favourite:drink":
        "favourite_drink morning_drink favorite_beverage usual_drink favourite:drink "
        "preferred_drink",
    "answer_style":
        "answer_style preferred_answer_length response_length answer_length response_style "
        "verbosity reply_style",
    "answer_format": "answer_format response_format output_format preferred_format",
    "answer_language": "answer_language response_language preferred_language",
    "answer_tone": "tone preferred_tone response_tone",
    "speaks": "speaks languages language_spoken speaks_language fluent_in languages_spoken speaks:french",
    "hobby": "hobby hobbies pastime leisure_activities",
    "plays": "plays instrument musical_instrument plays_chess plays:chess",
    "likes": "likes loves enjoys interests fan_of likes:jazz likes_jazz",
    "dislikes": "dislikes hates cannot_stand dislikes:olives",
    "project": "project current_project working_on work_project project_name assigned_project",
    "team": "team team_name current_team work_team",
    "department": "department division",
    "work_mode": "work_mode remote_work work_arrangement",
    "field_of_study": "major field_of_study field studies_subject? study_field research_field",
    "school": "university college school studies_at attends uni alma_mater",
    "degree": "degree education education_level highest_degree",
    "books_read":
        "books_read books_read_2026 books_this_year number_of_books_read books_read_this_year "
        "books_read_in_2026 books",
    "count": "count:plants number_of_plants plant_count plants_count number_of_marathons_run total_countries",
    "age": "age age_in_years current_age user_age how_old",
    "birthday": "birthday date_of_birth dob birth_date born",
    "name": "name full_name first_name real_name user_name",
    "nickname": "nickname goes_by preferred_name call_me",
    "pronouns": "pronouns preferred_pronouns gender_pronouns",
    "commute": "commute commute_time commute_distance way_to_work commuting",
    "trip": "trip travel_plan holiday_plans trip_to_lisbon lisbon_trip vacation planned_trip upcoming_trip",
    "appointment":
        "appointment dentist_appointment appointment_with_dentist doctors_appointment "
        "dentist_visit check_up",
    "flight": "flight flight_departure flight_time departure_time flight_to_rome",
    "plan": "plan plans weekend_plans future_plans planning",
    "goal": "goal goals fitness_goal wants_to ambition current_goal",
    "operating_system": "os operating_system OS computer_os",
    "editor": "editor code_editor ide text_editor current_editor",
    "notes_app": "notes_app note_taking_tool note_taking_app note_tool",
    "laptop": "laptop computer work_laptop laptop_model",
    "life_status": "death died life_status alive passed_away",
    "due_date": "due_date baby_due_date",
    "doctor": "doctor gp family_doctor doctors_name",
    "mother": "mother mum mom mothers_name mom_name",
    "manager": "manager boss line_manager reports_to managers",
    "address": "address home_address street_address addresses",
    "lives_with": "lives_with household household_members",
}  # fmt: skip
ROWS = [(alias, name) for name, text in ALIASES.items() for alias in text.split() if not alias.endswith("?")]


@pytest.mark.parametrize(("alias", "name"), ROWS)
def test_a_free_name_stands_for_its_attribute(alias, name):
    spec = find_attribute(alias)
    assert spec is not None
    assert spec.name == name


@pytest.mark.parametrize(
    "name",
    [
        "former_employer", "previous_city", "ex_husband", "old_car", "dream_job", "target_weight",
        "next_employer", "future_home",
        "wednesday_activity", "craft_corner", "planned_residence", "", "___", ":", "🙂", "shelf",
        "mothers_birthday", "car_colour",
        "wife_birthday", "employer_address", "friend_city", "company_car_policy", "x" * 5000,
    ],
)  # fmt: skip
def test_a_name_of_another_property_stands_for_none(name):
    spec = find_attribute(name)
    assert spec is None


@pytest.mark.parametrize(
    ("name", "value", "attribute", "item"),
    [
        ("children", "3", "children_count", ""),
        ("kids", "two", "children_count", ""),
        ("children", "Theo", "child", ""),
        ("daughter", "Ella", "child", "daughter"),
        ("dog", "Rex", "pet", "dog"),
        ("pets", "2", "pets_count", ""),
        ("books", "31", "books_read", ""),
        ("books", "Middlemarch", "reading", ""),
        ("favourite_movie", "Alien", "favourite", "film"),
        ("favorite:ice_cream", "mint", "favourite", "ice cream"),
        ("preferred_beverage", "tea", "favourite:drink", ""),
        ("number_of_siblings", "4", "siblings_count", ""),
        ("nut_allergy", "yes", "allergy", "nuts"),
        ("chess_club_member", "yes", "membership", "chess club"),
        ("lisbon_trip", "May", "trip", "lisbon"),
        ("naproxen_dosage", "50 mg", "medication", "naproxen"),
        ("plays_chess", "yes", "plays", "chess"),
        ("marathons_count", "5", "count", "marathon"),
        ("likes:old films", "yes", "likes", "old films"),
        ("relation:friend:tom", "yes", "friend", "tom"),
    ],
)
def test_a_value_or_a_word_beside_it_says_which_property_or_which_of_several(name, value, attribute, item):
    found = resolve_attribute(name, value)
    assert found is not None
    assert (found.spec.name, found.item) == (attribute, item)


def test_no_name_stands_for_two_attributes():
    owners: dict[str, set[str]] = {}
    for spec in ATTRIBUTES.values():
        for alias in (spec.name, *spec.aliases):
            owners.setdefault(alias.partition(">")[0], set()).add(spec.name)
    assert {alias: names for alias, names in owners.items() if len(names) > 1} == {}


def test_every_alias_is_written_as_it_is_looked_up():
    for spec in ATTRIBUTES.values():
        for alias in spec.aliases:
            assert fold_name(alias.partition(">")[0]) == alias.partition(">")[0], alias


def test_topics_are_attributes():
    assert set(TOPIC_PHRASES) <= set(ATTRIBUTES)


@given(st.text(max_size=60))
def test_folding_a_name_twice_changes_nothing(name):
    assert fold_name(fold_name(name)) == fold_name(name)
    assert all(variant == fold_name(variant) for variant in name_variants(fold_name(name)) if variant)


@given(st.sampled_from(sorted(ATTRIBUTES)), st.sampled_from(["current_", "my_", "user_", "", "new_"]))
def test_a_canonical_name_is_its_own_and_so_is_a_slots(name, prefix):
    spec = ATTRIBUTES[name]
    assert find_attribute(spec.slot_name) is spec
    assert find_attribute(prefix + name) is spec
