"""What the later of two sentences does to the earlier one, by its words: tables of histories of two."""

import pytest

from app.core.vocabulary import ChangeKind, Form
from app.memory.reconciliation.change_cues import is_plan_sentence, read_cues, says_new, says_replaced
from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.told import Finding, Told

SELF = frozenset({"mira"})
CHANGED = [
    ("Mira works at Acme as a welder", "Mira was laid off by Acme"),
    ("Mira is on the billing team at Contoso", "The whole billing team at Contoso was let go, Mira included"),
    ("Mira works at Acme", "Mira quit her job"),
    ("Mira works at Acme", "Mira handed in her notice at Acme"),
    ("Mira is a nurse at St. Mary's", "Mira has retired"),
    ("Mira works at Acme", "Mira started at Globex on Monday"),
    ("Mira works for Acme", "Mira's first day at Initech was great; she is their new QA lead"),
    ("Mira is a junior designer", "Mira has been promoted to senior designer"),
    ("Mira has a little flat in Bath", "Mira moved to Truro last week"),
    ("Mira lives in Bath", "Mira handed back the Bath keys on Saturday and the new place is in Truro"),
    ("Mira lives in Bath", "Mira is based in Truro these days"),
    ("Mira lives in Bath", "Mira gave up the flat in Bath"),
    ("Mira's parents live in Bath", "Mira's parents moved to a bungalow in Truro"),
    ("Mira rents a studio in Bath", "Mira now lives in Truro with Bo"),
    ("Mira's boyfriend is Oskar", "Mira and Oskar broke up"),
    ("Mira is dating Oskar", "Oskar and Mira split up in March"),
    ("Mira is married to Oskar", "Mira got divorced"),
    ("Mira is engaged to Oskar", "Mira called off the engagement"),
    ("Mira is single", "Mira has a new boyfriend called Ivo"),
    ("Mira has a beagle called Biscuit", "Mira said goodbye to Biscuit; she died on Friday"),
    ("Biscuit sleeps on the sofa", "Biscuit passed away"),
    ("Mira's grandfather Albert lives in Cork", "Mira's grandfather died"),
    ("Mira's grandfather Albert grows roses", "Albert passed away on Sunday"),
    ("Mira walks Biscuit every morning", "Mira's dog Biscuit died"),
    ("Mira drives a blue Golf", "Mira sold the Golf"),
    ("Mira has a road bike", "Mira's road bike was stolen"),
    ("Mira owns a piano", "Mira gave the piano away"),
    ("Mira drives a Golf", "Mira traded the Golf in for a Tesla"),
    ("Mira has a kayak", "Mira got rid of the kayak"),
    ("Mira has an iPhone 12", "Mira upgraded from the iPhone 12 to a Pixel 9"),
    ("Mira is allergic to peanuts", "Mira outgrew the peanut allergy"),
    ("Mira is allergic to peanuts", "Mira is no longer allergic to peanuts"),
    ("Mira takes sertraline", "Mira came off sertraline"),
    ("Mira has a sprained ankle", "Mira's ankle has healed"),
    ("Mira has shingles", "Mira has recovered from shingles"),
    ("Mira smokes ten cigarettes a day", "Mira quit smoking"),
    ("Mira drinks coffee every morning", "Mira gave up coffee"),
    ("Mira plays tennis on Thursdays", "Mira doesn't play tennis anymore"),
    ("Mira is vegetarian", "Mira eats meat again"),
    ("Mira is a vegan", "Mira is no longer a vegan"),
    ("Mira drinks coffee", "Mira switched from coffee to tea"),
    ("Mira drinks coffee", "Mira drinks tea instead of coffee"),
    ("Mira loves techno", "Mira has gone off techno"),
    ("Mira is a member of the rowing club", "Mira left the rowing club"),
    ("Mira is a member of the rowing club", "Mira is no longer a member of the rowing club"),
    ("Mira has a Netflix subscription", "Mira cancelled Netflix"),
    ("Mira is with Vodafone", "Mira switched from Vodafone to Three"),
    ("Mira is with Vodafone", "Mira is with Three now"),
    ("Mira sings in the choir", "Mira dropped out of the choir"),
    ("Mira studies law in Leiden", "Mira dropped out of law school"),
    ("Mira has a dentist appointment on March 3", "Mira's dentist appointment was cancelled"),
    ("Mira plans to run the Berlin marathon", "Mira pulled out of the Berlin marathon"),
    ("Mira booked a flight to Rome for May", "The trip to Rome fell through"),
    ("Mira has a dentist appointment on March 3", "The dentist appointment was moved to March 10"),
    ("Mira's wedding is on June 5", "The wedding is postponed until September"),
    ("Mira is planning a trip to Japan", "Mira called off the trip to Japan"),
    ("Mira has read 12 books this year", "Mira has read 31 books this year"),
    ("Mira's phone number is 555-0100", "Mira's new number is 555-0199"),
    ("Mira pays 900 euros rent", "Mira's rent is now 950 euros"),
    ("Mira weighs 80 kg", "Mira weighs 76 kg"),
    ("Mira takes 50 mg of sertraline", "Mira takes 75 mg of sertraline"),
    ("Mira is working on a robot", "Mira finished the robot"),
    ("Mira uses Notion for notes", "Mira moved from Notion to Obsidian"),
    ("Mira's favourite colour is green", "Mira's favourite colour is blue now"),
    ("Mira's manager is Pat", "Mira's new manager is Kim"),
    ("Mira goes to yoga on Tuesdays", "Mira goes to yoga on Thursdays now"),
    ("I work at Acme", "I got the sack from Acme"),
    ("The user works at Acme", "The user no longer works at Acme"),
    ("The user is a barista at Bean There", "The user's contract with Bean There ran out"),
    ("The user works at Acme", "The user left Acme in May"),
    ("The user lives with Ivo", "The user and Ivo separated"),
    ("The user has two rabbits, Salt and Pepper", "Salt died last night"),
    ("The user's horse is called Comet", "Comet was put down after the accident"),
    ("The user is learning Welsh", "The user gave up on Welsh"),
    ("The user plays bass in a band called Moth", "Moth has split up"),
    ("The user has a Honda Civic", "The Civic was written off in an accident"),
    ("The user leases a Polo", "The user handed back the Polo"),
    ("The user's email is a@b.org", "The user's email is now c@d.org"),
    ("The user banks with Monzo", "The user closed the Monzo account"),
    ("The user banks with Monzo", "The user moved from Monzo to Starling"),
    (
        "The user has an appointment with Dr. Hale on Monday",
        "The appointment with Dr. Hale has been pushed back to Wednesday",
    ),
    ("The user is flying to Lisbon on May 3", "The Lisbon flight was cancelled"),
    ("The user is going to Ana's birthday party", "The user can't go to Ana's birthday party"),
    ("The user will start a course in pottery in June", "The pottery course was called off"),
    ("The user has knee pain", "The user's knee pain has gone away"),
    ("The user wears a cast on the left arm", "The cast came off the left arm"),
    ("The user has a peanut allergy", "Tests showed that the user is not allergic to peanuts anymore"),
    ("The user hates olives", "The user no longer hates olives"),
    ("The user's daughter Lea is at kindergarten", "The user's daughter Lea started primary school"),
    ("The user's son Tim works at Acme", "The user's son Tim quit Acme"),
    ("The user's roommate is Sam", "Sam moved out"),
    ("The user is president of the chess club", "The user stepped down as president of the chess club"),
    ("The user subscribes to The Economist", "The user let the Economist subscription lapse"),
    ("The user goes running every morning", "The user stopped running because of a knee injury"),
    ("The user eats fish", "The user went vegan"),
    ("The user's goal is to save 5000 euros", "The user's goal is to save 8000 euros now"),
    ("The user is reading Dune", "The user finished reading Dune"),
    ("The user is reading Dune", "The user is reading Emma now"),
    ("The user gets up at 6", "The user gets up at 7 now"),
    ("The user manages the Atlas project", "The Atlas project was shut down"),
    ("The user has a mortgage with Santander", "The user paid off the mortgage"),
    ("The user is in a band", "The user quit the band"),
    ("The user wants to become a pilot", "The user changed her mind about becoming a pilot"),
    ("The user's laptop is a ThinkPad", "The user's ThinkPad was stolen on the train"),
    ("The user's laptop is a ThinkPad", "The user replaced the ThinkPad with a MacBook"),
    ("The user prefers window seats", "The user prefers aisle seats now"),
    ("The user teaches maths at Hill School", "The user teaches physics at Hill School now"),
    ("Leo lives in Bath", "Leo moved to Truro"),
    (
        "Settling in fine, Mira has got a flat in Bath now",
        "Mira and others handed back the Bath keys on 30 May 2026",
    ),
    (
        "As of the week of 9 February 2026 the user is living in Bath",
        "The user has been back home in Truro since the first of August",
    ),
    (
        "They made Mira a senior analyst as of 1 April 2026",
        "From 5 October 2026 Mira is head of analytics at Acme",
    ),
    (
        "Ravi proposed on the beach; Mira and others are engaged",
        "Mira and others got married on 29 August 2026",
    ),
    ("Mira has no allergies at all", "Mira is allergic to penicillin"),
    ("Mira takes 50 mg of sertraline every morning", "Mira's doctor has taken Mira off sertraline"),
    ("Mira's new mobile number is 07700 900142", "Mira meant 07700 900124"),
    (
        "While the roof is being fixed Mira is staying at her aunt's in Hove",
        "Mira is back home in Croydon since 15 June 2026",
    ),
    (
        "Mira is on parental leave until the end of August 2026",
        "Mira is back at work since the week of 31 August 2026",
    ),
    (
        "The user has read 12 books so far in 2026",
        "The user finished another novel, so that makes 31 books in 2026",
    ),
    ("Mira has two cats", "Mira has three cats"),
]
UNTOUCHED = [
    ("Mira works at Acme", "Mira's sister was fired"),
    ("Mira works at Acme", "Bo quit Acme"),
    ("Mira works at Acme", "Mira left the office at five"),
    ("Mira works at Acme", "Mira moved to Project Zeus"),
    ("Mira's brother Leo works at Acme", "Mira quit her job"),
    ("Mira freelances for Initech", "Mira resigned from Globex"),
    ("Mira lives in Bath", "Mira's parents moved to Truro"),
    ("Mira lives in Bath", "Mira visited Truro"),
    ("Mira's sister Eva is married to Jan", "Mira got divorced"),
    ("Mira is dating Oskar", "Eva and Jan broke up"),
    ("Mira's grandmother lives in Cork", "Mira's grandfather died"),
    ("Mira has a cat called Miso", "Mira had to put Biscuit to sleep"),
    ("Mira lives in Bath", "Mira's dog Biscuit died"),
    ("Mira has a Golf", "Mira sold three paintings"),
    ("Mira likes painting", "Mira sold a painting"),
    ("Mira owns a piano", "Mira gave away the old sofa"),
    ("Mira has a sprained ankle", "Mira's wrist has healed"),
    ("Mira takes ibuprofen tablets", "Mira stopped taking vitamin tablets"),
    ("Mira plays the cello", "Mira stopped playing tennis"),
    ("Mira used to drink coffee but switched to tea", "Mira drinks tea"),
    ("Mira goes to the gym on Mondays", "Mira stopped by the gym"),
    ("Mira is in the book club", "Mira left the choir"),
    ("Mira has a dentist appointment on March 3", "Mira cancelled the haircut"),
    ("Mira has a dentist appointment in January", "Mira has a dentist appointment in June"),
    ("Mira has 2 cats", "Bo has 3 cats"),
    ("Mira's left knee hurts", "Mira's right knee hurts"),
    ("Mira likes jazz", "Mira likes techno now"),
    ("Mira has a dog called Rex", "Mira has a cat called Miso now"),
    ("The user has a flat in Bath", "The user is moving to Truro next month"),
    ("The user drives to work", "The user sold the car"),
    ("The user's son Tim works at Acme", "The user quit Acme"),
    ("The user lives in Bath", "Sam moved out"),
    ("The user has a knee injury", "The user stopped running because of a knee injury"),
    ("The user has a daughter", "The user lost the match on Saturday"),
    ("The user reads the Guardian", "The user finished reading Dune"),
    ("The user has 3 children", "The user has 12 houseplants"),
    ("The user runs 5 km", "The user ran 10 km on Sunday"),
    ("The user is in the band Moth", "The user quit smoking"),
    ("Leo lives in Bath", "Eva moved to Truro"),
    ("Leo's car is a Fiat", "Eva sold the Fiat"),
    ("Mira's flight is on 3 May 2026", "Mira's flight to Rome is on 9 June 2026"),
]


class TestFindChange:
    @pytest.mark.parametrize(("earlier", "later"), CHANGED)
    def test_what_is_over_is_found(self, earlier, later):
        found = find_change(Told(later), Told(earlier), SELF)
        assert found is not None
        assert found.finding is Finding.CHANGED

    @pytest.mark.parametrize(("earlier", "later"), UNTOUCHED)
    def test_what_only_looks_alike_stays(self, earlier, later):
        found = find_change(Told(later), Told(earlier), SELF)
        assert found is None or found.finding is not Finding.CHANGED

    def test_a_second_home_without_a_word_of_change_is_left_in_doubt(self):
        found = find_change(Told("Mira's flat in Truro has a balcony"), Told("Mira lives in Bath"), SELF)
        assert found is not None
        assert found.finding is Finding.DOUBTFUL

    @pytest.mark.parametrize(
        ("earlier", "later", "kind"),
        [
            (
                "Mira has a dentist appointment on March 3",
                "Mira's dentist appointment was cancelled",
                ChangeKind.CANCEL,
            ),
            (
                "Mira has a dentist appointment on March 3",
                "The dentist appointment was moved to March 10",
                ChangeKind.RESCHEDULE,
            ),
            ("Mira drives a Golf", "Mira sold the Golf", ChangeKind.END),
            ("Mira drinks coffee", "Mira switched from coffee to tea", ChangeKind.REPLACE),
        ],
    )
    def test_the_kind_of_a_change(self, earlier, later, kind):
        found = find_change(Told(later), Told(earlier), SELF)
        assert found is not None
        assert found.kind is kind

    def test_what_happened_is_not_over(self):
        happened = Told("Mira drove the Golf to Wales", form=Form.EVENT, is_open=False)
        assert find_change(Told("Mira sold the Golf"), happened, SELF) is None

    def test_who_it_is_about_is_taken_from_the_subject(self):
        later = Told("Sold the Golf", subject="bo")
        assert find_change(later, Told("Drives a Golf", subject="user")) is None
        assert find_change(later, Told("Drives a Golf", subject="bo")) is not None


class TestCues:
    @pytest.mark.parametrize(
        "content",
        [
            "Mira lives in Bath",
            "Mira works at Acme",
            "Mira likes jazz",
            "Mira stopped by the shop",
            "Mira has a cat",
            "Mira plays the cello",
            "Mira reads every evening",
            "Mira met Bo in May",
            "Mira cooked dinner for Bo",
            "Mira drinks tea",
            "Mira studies law",
            "Mira runs on Sundays",
            "Mira visited Rome",
            "Mira has two sisters",
            "Mira's birthday is on May 3",
            "Mira speaks Welsh",
            "Mira drives a Golf",
            "Mira sings in a choir",
            "Mira is allergic to nuts",
            "Mira wants to learn to sail",
        ],
    )
    def test_a_plain_statement_has_none(self, content):
        assert read_cues(content) == ()

    def test_words_of_newness(self):
        assert says_new("Mira moved to Truro")
        assert says_replaced("Mira lives in Truro now")
        assert not says_replaced("Mira lives in Truro")
        assert is_plan_sentence("Mira is going to run a marathon")
