"""The attributes of everyday life: contacts, contracts, money, tastes, habits, tools, plans and counts."""

from app.memory.identity.attribute_specs import AttributeSpec, ValueType, event, one, several

EVERYDAY_ATTRIBUTES: tuple[AttributeSpec, ...] = (
    # contacts, contracts and things
    one(
        "phone",
        "phone_number telephone telephone_number mobile mobile_number cell cell_number cell_phone "
        "cellphone contact_number mobile_phone_number cell_phone_number tel whatsapp_number whatsapp "
        "number_to_call",
        ValueType.PHONE,
    ),
    one("email", "e_mail email_address e_mail_address mail mail_address contact_email", ValueType.EMAIL),
    one("work_phone", "office_phone work_phone_number office_number"),
    one("work_email", "office_email business_email work_email_address"),
    one("website", "homepage web_site personal_website blog url portfolio"),
    one("username", "user_handle handle screen_name github_username twitter_handle instagram_handle"),
    one(
        "phone_model",
        "smartphone phone_type mobile_phone mobile_model phone_brand handset phone_device smartphone_model",
    ),
    one(
        "carrier",
        "mobile_carrier phone_provider mobile_provider phone_carrier network mobile_network "
        "phone_network phone_company cell_provider mobile_operator phone_contract phone_plan mobile_plan "
        "mobile_contract cell_carrier",
    ),
    one(
        "internet_provider",
        "isp broadband broadband_provider internet wifi_provider internet_service_provider internet_plan",
    ),
    one(
        "energy_provider",
        "electricity_provider energy_supplier electricity_supplier power_provider gas_supplier "
        "utility_provider gas_provider power_supplier",
    ),
    one(
        "bank", "bank_name banks_with main_bank banking current_account bank_account", ValueType.ORGANISATION
    ),
    one("insurance", "insurer insurance_company insurance_provider insurance_policy", ValueType.ORGANISATION),
    one("health_insurance", "health_insurer medical_insurance health_plan health_insurance_provider"),
    one("car_insurance", "car_insurer vehicle_insurance auto_insurance motor_insurance"),
    several(
        "subscription",
        "subscribes_to subscribed_to streaming_service streaming_subscription magazine_subscription",
    ),
    several(
        "membership",
        "member_of club belongs_to member association_member group_membership club_membership society "
        "memberships",
    ),
    one(
        "gym",
        "gym_membership fitness_studio gym_name trains_at works_out_at fitness_club health_club gym_member",
    ),
    one(
        "vehicle",
        "car drives vehicle_model car_model owns_car car_make auto automobile truck van vehicle_type "
        "car_brand vehicle_make owned_car owns_vehicle vehicle_owned family_car car_owned car_type",
    ),
    one("bicycle", "bike push_bike cycle road_bike mountain_bike ebike e_bike bike_model"),
    one("motorcycle", "motorbike scooter motorbike_model"),
    one("boat", "sailing_boat yacht"),
    one(
        "laptop",
        "computer notebook_computer pc work_computer desktop laptop_model computer_model work_laptop macbook",
    ),
    one("tablet", "ipad tablet_model"),
    one("camera", "camera_model photo_camera camera_body"),
    one("tv", "television tv_model"),
    one("watch", "smartwatch wristwatch"),
    one("operating_system", "os operating_sys platform_os computer_os linux_distribution distro"),
    one(
        "programming_language",
        "coding_language codes_in programs_in main_programming_language language_for_code "
        "preferred_programming_language programming_lang",
    ),
    one("editor", "code_editor ide text_editor development_environment editor_used"),
    one("browser", "web_browser"),
    one("search_engine", "default_search_engine"),
    one("framework", "tech_stack web_framework stack"),
    one("database", "database_system db"),
    one(
        "notes_app",
        "note_taking_app note_taking_tool notes_tool note_app note_tool note_taking notes_software "
        "notes_program note_taking_software",
    ),
    one("password_manager", "password_app"),
    one("calendar_app", "calendar_tool calendar_software"),
    one("todo_app", "task_manager task_app to_do_app todo_list_app task_management_tool"),
    one("music_service", "music_streaming_service music_app music_streaming"),
    one("email_provider", "mail_provider email_client mail_client email_app"),
    # money
    one("budget", "monthly_budget spending_limit weekly_budget grocery_budget budget_limit", ValueType.MONEY),
    one(
        "savings",
        "savings_amount saved savings_balance money_saved amount_saved saved_amount",
        ValueType.MONEY,
    ),
    one("savings_goal", "saving_goal saving_target savings_target saving_for", ValueType.MONEY),
    one("debt", "debts loan loan_balance credit_card_debt student_loan owes", ValueType.MONEY),
    one("currency", "preferred_currency"),
    several("investment", "invests_in investments portfolio_holding stock shares"),
    # tastes
    several(
        "likes",
        "like loves love enjoys enjoy fan_of is_fan_of interested_in interest into fond_of passion "
        "adores passionate_about taste_for has_interest_in liked_food favourites",
    ),
    several(
        "dislikes",
        "dislike hates hate disliked detests avoids does_not_like cannot_stand dislikes_food aversion "
        "pet_peeve",
    ),
    several("fear", "afraid_of phobia scared_of fears"),
    several(
        "hobby",
        "pastime hobbies leisure_activity free_time_activity plays_in leisure spare_time_activity "
        "activity favourite_pastime recreational_activity",
    ),
    several(
        "sport",
        "plays_sport does_sport practises_sport sports_played sport_played exercise workout martial_art",
    ),
    several("plays", "instrument plays_instrument musical_instrument instrument_played game_played"),
    several("collects", "collection collector_of collecting"),
    several(
        "supports",
        "supports_team fan_team football_club football_team supported_team team_supported baseball_team",
    ),
    several(
        "visited",
        "has_visited travelled_to been_to country_visited visited_country visited_place places_visited",
    ),
    several("grows", "garden_plant gardening_crop plants_grown growing"),
    several("volunteers_at", "volunteering volunteer_at volunteer_work charity volunteers_for volunteers"),
    one(
        "favourite:drink",
        "morning_drink usual_drink breakfast_drink hot_drink beverage drink go_to_drink preferred_drink "
        "preferred_beverage favourite_beverage drinks drink_of_choice morning_beverage drink_preference",
    ),
    one("coffee_order", "usual_coffee coffee_preference takes_coffee coffee_style favourite_coffee_order"),
    one("seat_preference", "preferred_seat airline_seat plane_seat flight_seat"),
    # how to answer
    one(
        "answer_style",
        "response_style preferred_answer_length answer_length preferred_response_length response_length "
        "reply_style reply_length answer_detail level_of_detail verbosity preferred_response_style "
        "preferred_answer_style communication_style answer_preference response_preference detail_level "
        "explanation_style conversation_style preferred_reply_length answer_verbosity "
        "preferred_explanation_style explanation_length",
    ),
    one(
        "answer_format",
        "response_format reply_format preferred_format output_format formatting answer_formatting "
        "formatting_preference preferred_answer_format preferred_response_format preferred_output_format",
    ),
    one(
        "answer_language",
        "response_language reply_language preferred_language language_preference output_language "
        "conversation_language language_of_answers preferred_answer_language chat_language",
    ),
    one(
        "answer_tone", "response_tone tone preferred_tone reply_tone tone_of_voice tone_preference formality"
    ),
    several(
        "instruction",
        "standing_instruction rule request_to_assistant user_instruction reminder_rule guideline",
    ),
    one(
        "unit_system",
        "measurement_units units preferred_units temperature_unit measurement_system unit_preference",
    ),
    # habits
    one(
        "commute",
        "commute_distance commute_time way_to_work commuting commute_mode travel_to_work commute_method "
        "distance_to_work commutes_by commute_duration gets_to_work_by",
    ),
    several("routine", "daily_routine morning_routine evening_routine habit ritual weekly_routine habits"),
    one("steps", "daily_steps step_count steps_per_day step_goal", ValueType.NUMBER),
    one(
        "running_distance",
        "runs_distance weekly_mileage distance_run weekly_distance running_mileage "
        "weekly_running_distance km_per_week miles_per_week long_run run_distance longest_run",
    ),
    one(
        "best_time",
        "personal_best pb personal_record race_time fastest_time record_time pr best_result",
        ValueType.TIME,
    ),
    one("score", "test_score high_score points exam_score game_score best_score rating", ValueType.NUMBER),
    one("level", "skill_level proficiency language_level experience_level cefr_level"),
    one(
        "books_read",
        "books books_this_year number_of_books_read books_read_count reading_count books_finished "
        "books_read_this_year books_count books_completed number_of_books reading_progress",
        ValueType.NUMBER,
    ),
    one("reading", "current_book currently_reading book_being_read reads book_in_progress"),
    one("watching", "current_series currently_watching current_show series_being_watched tv_show_watching"),
    one("experience", "years_of_experience work_experience experience_years years_in_job"),
    # what is ahead and what happens
    several(
        "goal",
        "aim objective target ambition resolution aspiration long_term_goal new_year_resolution wants_to "
        "hopes_to life_goal fitness_goal dream personal_goal",
    ),
    event(
        "plan",
        "plans planned_activity intends_to planning weekend_plan plans_to future_plan intention "
        "upcoming_plan",
    ),
    event(
        "trip",
        "travel travel_plan holiday vacation journey holiday_plan travel_plans travels_to trip_to "
        "travel_destination holiday_destination vacation_plan planned_trip upcoming_trip city_break "
        "travelling_to trip_plan",
    ),
    event(
        "flight",
        "flight_departure flight_time departure_time departure flight_number plane_departure "
        "arrival_time flight_date",
    ),
    event(
        "booking", "reservation hotel_booking restaurant_reservation booked table_booking hotel_reservation"
    ),
    event(
        "appointment",
        "appointment_with appointment_date appointment_time doctors_appointment consultation checkup "
        "check_up visit medical_appointment has_appointment doctor_visit dentist_visit "
        "scheduled_appointment",
    ),
    event("meeting", "meeting_with call_with meeting_time meeting_date interview job_interview date_with"),
    event("exam", "test exam_date driving_test examination final_exam test_date"),
    event("wedding", "wedding_day marriage_date wedding_ceremony"),
    one("wedding_date", "date_of_wedding", ValueType.DATE),
    one("wedding_anniversary", "anniversary anniversary_date", ValueType.DATE),
    one("deadline", "due submission_deadline project_deadline", ValueType.DATE),
    event(
        "event", "concert party event_attended festival event_attending race marathon attended celebration"
    ),
    event("achievement", "accomplishment award won finished completed milestone graduated passed"),
    event("purchase", "bought purchased acquired bought_item sold_item sale"),
    event("experience_had", "did_activity went_to experienced"),
)
