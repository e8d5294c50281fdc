"""The attributes of a person: identity, home, work, people around, body and health."""

from app.memory.identity.attribute_specs import AttributeSpec, ValueType, event, one, role, several

PERSONAL_ATTRIBUTES: tuple[AttributeSpec, ...] = (
    # who somebody is
    one(
        "name",
        "full_name first_name real_name legal_name called surname last_name family_name is_called",
        ValueType.PERSON,
    ),
    one(
        "nickname",
        "preferred_name goes_by likes_to_be_called short_name form_of_address addressed_as call_me alias",
        ValueType.PERSON,
    ),
    one("pronouns", "pronoun gender_pronouns preferred_pronouns"),
    one("gender", "gender_identity sex"),
    one("age", "age_years years_old age_in_years how_old turned", ValueType.NUMBER),
    one("birthday", "birth_date birthdate date_of_birth dob born born_on birth_day", ValueType.DATE),
    one("birthplace", "place_of_birth born_in birth_place birth_city birth_country", ValueType.PLACE),
    one(
        "origin",
        "hometown home_town home_country comes_from native_of country_of_origin place_of_origin "
        "originally_from from native_country grew_up_in raised_in",
        ValueType.PLACE,
    ),
    one("nationality", "citizenship citizen_of passport_country"),
    several(
        "speaks",
        "language languages speaks_language language_spoken spoken_language languages_spoken fluent_in "
        "language_skill foreign_language language_known",
    ),
    one("native_language", "mother_tongue first_language native_tongue"),
    one("religion", "faith religious_affiliation religious_belief denomination"),
    one("politics", "political_affiliation political_party political_view votes_for party_affiliation"),
    one("star_sign", "zodiac zodiac_sign"),
    one("life_status", "death died alive deceased vital_status date_of_death passed_away living_or_dead"),
    # home
    one(
        "residence",
        "city lives_in live_in living_in place_of_residence home current_city location based_in "
        "resides_in home_city town residence_city city_of_residence home_location country_of_residence "
        "residing_in lives location_city place where_lives living_place place_lived domicile "
        "hometown_now moved_to move_to relocated_to city_lived_in resident_of settled_in current_home "
        "lives_at country neighbourhood living_location home_base apartment_location flat_location "
        "house_location",
        ValueType.PLACE,
    ),
    one(
        "address",
        "home_address street_address postal_address mailing_address residential_address street postcode "
        "zip_code",
    ),
    one(
        "staying_at",
        "temporary_residence staying_in staying_with temporary_address temporary_home stays_at "
        "stays_with temporary_location temporarily_lives_in currently_staying",
    ),
    one(
        "housing",
        "dwelling home_type housing_type accommodation living_arrangement living_situation house_type "
        "property_type",
    ),
    several("lives_with", "household household_member living_with housemate_of shares_home_with"),
    one(
        "rent",
        "monthly_rent rent_per_month rental_cost rent_amount rent_cost apartment_rent flat_rent "
        "rent_price rent_payment house_rent pays_rent cost_of_rent",
        ValueType.MONEY,
    ),
    one("mortgage", "mortgage_payment monthly_mortgage mortgage_amount home_loan mortgage_rate"),
    one("landlord", "landlady letting_agent"),
    one("timezone", "time_zone tz"),
    # work and study
    one(
        "employer",
        "company works_at works_for workplace job_company employed_by employed_at work_at work_for "
        "organisation place_of_work work_place employing_company company_name employer_name firm "
        "joined_company works_with_company current_company new_job_at job_at place_of_employment "
        "working_at working_for",
        ValueType.ORGANISATION,
    ),
    one(
        "occupation",
        "job job_title position role profession works_as career work_role trade job_role title work "
        "employed_as job_position line_of_work work_position vocation what_user_does_for_a_living "
        "day_job rank working_as",
    ),
    one(
        "employment_status",
        "employment work_status job_status employed working_status work_situation employment_state "
        "employment_situation employment_type",
    ),
    one("department", "division business_unit work_department"),
    one("team", "work_team squad team_name member_of_team on_team"),
    one(
        "project",
        "current_project work_project working_on works_on assigned_project project_name assigned_to_project",
    ),
    one(
        "work_mode",
        "remote_work works_remotely working_arrangement work_arrangement work_location_type hybrid_work "
        "works_from_home office_days home_office_days remote_or_office",
    ),
    one(
        "working_hours",
        "work_hours hours_per_week work_schedule working_time shift shifts shift_pattern work_days "
        "working_days",
    ),
    one("office", "office_location work_location office_city work_city workplace_location office_address"),
    one(
        "salary",
        "income pay wage wages earnings annual_salary yearly_salary monthly_salary compensation "
        "annual_income take_home_pay base_salary hourly_rate day_rate earns",
        ValueType.MONEY,
    ),
    role(
        "manager", "boss line_manager supervisor reports_to managed_by supervised_by team_lead direct_manager"
    ),
    role("colleague", "coworker co_worker workmate teammate works_with", is_multiple=True),
    one("industry", "sector work_field field_of_work business_sector"),
    one(
        "school",
        "university college studies_at attends student_at school_attended uni alma_mater enrolled_at "
        "educational_institution attends_school goes_to_school",
        ValueType.ORGANISATION,
    ),
    one(
        "field_of_study",
        "field major studies subject_of_study study_field course_of_study degree_subject studying "
        "study_subject research_field research_area specialisation speciality area_of_research "
        "research_topic field_of_research discipline minor academic_field",
    ),
    one(
        "degree",
        "education education_level highest_degree qualification highest_qualification level_of_education",
    ),
    one("school_year", "grade_level year_of_study academic_year year_in_school class_year school_grade"),
    several("skill", "skills knows_how_to good_at expertise expert_in competence programming_skill"),
    several(
        "learning",
        "is_learning learns taking_lessons_in learning_skill currently_learning language_learning "
        "learning_language taking_up studies_hobby",
    ),
    several(
        "course",
        "class evening_class takes_course taking_course enrolled_course course_taken lessons takes_class",
    ),
    several(
        "certification", "certificate certifications licence_held driving_licence professional_certification"
    ),
    # people around
    role(
        "partner",
        "spouse husband wife boyfriend girlfriend fiancé fiancée fiance fiancee significant_other "
        "life_partner romantic_partner married_to in_relationship_with dating engaged_to other_half "
        "better_half dates seeing in_a_relationship_with current_partner civil_partner",
    ),
    one(
        "relationship_status",
        "marital_status civil_status relationship married engaged single relationship_state marriage_status "
        "love_life romantic_status family_status is_married is_single dating_status marital_state",
    ),
    several(
        "child",
        "son>son daughter>daughter kid baby toddler children_names child_name stepson stepdaughter "
        "newborn kid_name adopted_child firstborn",
        ValueType.PERSON,
    ),
    one(
        "children_count",
        "number_of_children count_of_children kids_count number_of_kids how_many_children child_count "
        "children_number total_children kid_count amount_of_children",
        ValueType.NUMBER,
    ),
    one("grandchildren_count", "number_of_grandchildren", ValueType.NUMBER),
    one("siblings_count", "number_of_siblings sibling_count", ValueType.NUMBER),
    one("pets_count", "number_of_pets pet_count", ValueType.NUMBER),
    role("mother", "mom mum mama mam mummy mommy"),
    role("father", "dad papa daddy"),
    role("parent", "mother_or_father", is_multiple=True),
    role("sibling", "twin", is_multiple=True),
    role(
        "brother", "younger_brother older_brother little_brother big_brother twin_brother", is_multiple=True
    ),
    role("sister", "younger_sister older_sister little_sister big_sister twin_sister", is_multiple=True),
    role("grandmother", "grandma granny nan nana gran", is_multiple=True),
    role("grandfather", "grandpa grandad granddad", is_multiple=True),
    role("grandchild", "grandson granddaughter", is_multiple=True),
    role("cousin", "", is_multiple=True),
    role("uncle", "", is_multiple=True),
    role("aunt", "auntie aunty", is_multiple=True),
    role("niece", "", is_multiple=True),
    role("nephew", "", is_multiple=True),
    role("friend", "friends_with pal buddy mate close_friend", is_multiple=True),
    role("best_friend", "closest_friend bestie"),
    role("roommate", "flatmate housemate room_mate", is_multiple=True),
    role("neighbour", "next_door_neighbour", is_multiple=True),
    role("mentor", "mentored_by", is_multiple=True),
    role("coach", "coached_by personal_trainer trainer", is_multiple=True),
    role("teacher", "taught_by instructor tutor", is_multiple=True),
    role("therapist", "counsellor psychologist psychotherapist shrink"),
    role(
        "doctor",
        "gp family_doctor physician general_practitioner primary_care_physician paediatrician "
        "family_physician",
    ),
    role("dentist", "orthodontist dental_surgeon"),
    role("lawyer", "solicitor attorney"),
    role("accountant", "tax_adviser tax_advisor bookkeeper"),
    role("vet", "veterinarian animal_doctor"),
    role("babysitter", "nanny childminder"),
    several(
        "pet",
        "dog>dog cat>cat animal puppy>dog kitten>cat parrot>parrot hamster>hamster rabbit>rabbit "
        "horse>horse pony>pony goldfish>fish guinea_pig>guinea_pig tortoise>tortoise turtle>turtle "
        "owns_pet pet_owned companion_animal budgie>bird ferret>ferret",
    ),
    one("breed", "dog_breed pet_breed cat_breed"),
    # body and health
    several("allergy", "allergic_to food_allergy allergen allergies_to has_allergy nut_allergy>nuts"),
    several("intolerance", "intolerant_to food_intolerance food_sensitivity cannot_tolerate intolerances"),
    several(
        "health_condition",
        "condition illness disease diagnosis medical_condition chronic_condition diagnosed_with "
        "chronic_illness suffers_from ailment disorder has_condition health_issue health_problem "
        "medical_history disability",
    ),
    event("injury", "injured hurt broken_bone fracture sprain accident injured_body_part broke"),
    one("health", "health_state state_of_health wellbeing mood physical_health mental_health feeling"),
    several(
        "medication",
        "medicine drug prescription takes_medication med meds takes_medicine prescribed pill pills "
        "tablets medication_name current_medication on_medication supplement",
    ),
    one("blood_type", "blood_group"),
    one("blood_pressure", "bp"),
    one(
        "diet",
        "eating_habits dietary_preference dietary_restriction dietary_requirement eating_habit "
        "food_habit eats diet_type eating_style nutrition dietary_choice diet_preference vegetarian "
        "vegan dietary_regime way_of_eating food_preference",
    ),
    one("height", "body_height how_tall tall"),
    one("weight", "body_weight weighs how_heavy"),
    one("shoe_size", "shoes_size foot_size"),
    one("clothing_size", "dress_size shirt_size trouser_size t_shirt_size clothes_size jacket_size"),
    one("hair", "hair_colour hair_style haircut hairstyle"),
    one("eye_colour", "eyes_colour colour_of_eyes"),
    one("smoking", "smoker smokes smoking_habit cigarettes cigarettes_per_day tobacco nicotine vaping vapes"),
    one(
        "drinking",
        "alcohol drinks_alcohol alcohol_consumption drinking_habit alcohol_use drinker alcohol_intake sober",
    ),
    one(
        "wake_up_time",
        "wakes_up_at wakeup_time gets_up_at rises_at wake_time getting_up_time alarm_time",
        ValueType.TIME,
    ),
    one("bedtime", "sleep_time goes_to_bed_at bed_time", ValueType.TIME),
    one("sleep", "sleep_duration hours_of_sleep sleeping_hours sleep_schedule"),
    one("due_date", "baby_due_date expected_due_date baby_due", ValueType.DATE),
    one("pregnancy", "pregnant is_pregnant expecting"),
)
