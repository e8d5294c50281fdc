"""Ends in the ordinary wordings of English, by kind: what they end, and what they leave."""

import pytest

from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.told import Finding, Told

SELF = frozenset({"mira"})
SPEAKERS = frozenset({"mira"})


def _is_changed(later: str, earlier: str, *, lies_ahead: bool = False) -> bool:
    told = Told(later, subject="user"), Told(earlier, subject="user", lies_ahead=lies_ahead)
    found = find_change(*told, SELF, SPEAKERS)
    return found is not None and found.finding is Finding.CHANGED


DEATHS = [
    ("Mira's parakeet Olive whistles all day", "Olive did not survive the night"),
    ("Mira's grandpa Anselm runs the mill", "Anselm slipped away in his sleep on 7 June 2026"),
    (
        "Mira's cat Pepper sleeps on the radiator",
        "The vet had to let Pepper go on the morning of 3 August 2026",
    ),
    ("Mira's godmother Hedwig teaches piano", "Mira and others lost Hedwig in the week of 7 September 2026"),
    ("Mira's goldfish Tango lives in a tank", "Mira found Tango floating belly up on 14 April 2026"),
    ("Mira's uncle Rashid drives a taxi", "Uncle Rashid's funeral was on 13 April 2026"),
    ("Mira's great-aunt Isolde is 91", "Great-aunt Isolde passed on in June 2026"),
    ("Mira's hamster Bolt lives in the kitchen", "Bolt crossed the rainbow bridge"),
    ("Mira has a mare called Dune", "Dune had to be put to sleep"),
    ("Mira's step-father Carl plays the tuba", "Carl breathed his last on 3 May 2026"),
    ("Mira's neighbour Egon grows leeks", "Egon's heart gave out on 2 May 2026"),
    ("Mira's beagle Sock loves tripe", "Sock was run over on 2 May 2026"),
    ("Mira's friend Ute lives in Bonn", "Ute lost her fight with cancer"),
    ("Mira's tortoise Zeno eats dandelions", "Zeno never woke up from hibernation"),
    ("Mira's hen Bertha lays brown eggs", "A marten killed Bertha"),
    ("Mira's cousin Ravi works in Pune", "Ravi was killed in a crash"),
    ("Mira's dog Tank weighs 40 kilos", "Mira buried Tank under the pear tree"),
    ("Mira's grandmother Else bakes every day", "Grandmother Else is no longer with us"),
    ("Mira's mentor Otto reads her drafts", "Otto passed peacefully in hospital"),
    ("Mira's donkey Fritz brays at dawn", "Mira and others said goodbye to Fritz on 2 May 2026"),
    ("Mira's rabbit Mopsi lives in the shed", "Mopsi is gone, a fox got in"),
    ("Mira's aunt Greet keeps bees", "Mira scattered the ashes of aunt Greet at sea"),
]
LOSSES = [
    ("Mira has got a Canon EOS for bird photos", "The Canon is beyond repair"),
    ("Mira owns a caravan at the lake", "The caravan went to a couple from Bern"),
    ("Mira rides an old Vespa to the office", "Mira's Vespa was towed and crushed"),
    ("Mira wears a Seiko watch", "Somebody pinched Mira's Seiko at the pool"),
    ("Mira and others heat the house with an oil furnace", "The oil furnace went to the scrapyard"),
    ("Mira has a trampoline in the yard", "Mira gave the trampoline to a nursery"),
    ("Mira commutes on a folding bike", "Mira flogged the folding bike"),
    ("Mira writes on an Olivetti typewriter", "Mira took the Olivetti to the dump"),
    ("Mira has a Kobo e-reader", "Mira dropped the Kobo in the bath, the Kobo is dead"),
    ("Mira drives a Panda", "The Panda is a write-off"),
    ("Mira owns two kayaks", "Mira parted with the kayaks"),
    ("Mira keeps a harmonium in the hall", "Mira offloaded the harmonium on a school"),
    ("Mira has a drone", "The drone sank in the river"),
    ("Mira has a sewing machine from 1950", "Mira's sewing machine gave up the ghost"),
    ("Mira uses a Moccamaster", "The Moccamaster conked out"),
    ("Mira plays a Yamaha piano", "Mira sent the Yamaha back"),
    ("Mira has a tablet for the recipes", "Mira left the tablet on a train and the tablet never turned"
                                          " up; it is lost"),
    ("Mira owns a chalet near Sion", "The chalet burnt down in March"),
    ("Mira has a leather sofa", "Mira chucked out the leather sofa"),
    ("Mira wears her grandmother's ring", "Mira lost the ring at the beach"),
    ("Mira's laptop is a ThinkPad", "ThinkPad out, MacBook in"),
    ("Mira has a greenhouse", "The greenhouse was smashed by the hail"),
]  # fmt: skip
HABITS = [
    ("Mira sings in the St. Olaf choir", "Mira is done with the choir, too much drama"),
    ("Mira is learning the accordion", "The accordion is history"),
    ("Mira volunteers at the animal shelter", "Mira has not been to the shelter in months"),
    ("Mira plays chess online every night", "No more chess for Mira"),
    ("Mira vapes, about a pod a day", "Mira has not vaped in four months"),
    ("Mira takes 20 mg of citalopram", "Mira has been off citalopram since May 2026"),
    ("Mira is on crutches for six weeks", "No more crutches"),
    ("Mira's best friend is Marisol", "Marisol and Mira fell out and do not speak"),
    ("Mira drinks five coffees a day", "Mira kicked coffee"),
    ("Mira wears a brace on the left wrist", "The brace came off on 11 March 2026"),
    ("Mira goes to Pilates on Mondays", "Mira packed in Pilates"),
    ("Mira is doing keto this year", "Keto is a thing of the past"),
    ("Mira fasts until noon", "Mira knocked the fasting on the head"),
    ("Mira is a member of the chess club", "Mira let the chess club membership lapse"),
    ("Mira gets a vegetable box every week", "Mira cancelled the vegetable box"),
    ("Mira watches Casualty every Saturday", "Mira gave up on Casualty"),
    ("Mira does archery with Sven", "Archery is behind her"),
    ("Mira is on the pill Yasmin", "Mira weaned herself off Yasmin"),
    ("Mira boxes at the Anchor gym", "Mira boxes no more"),
    ("Mira bites Mira's nails", "Mira has not bitten Mira's nails for weeks"),
    ("Mira attends a pottery course", "Mira dropped out of the pottery course"),
    ("Mira follows Formula 1", "Mira has lost interest in Formula 1"),
]
PLANS = [
    ("The school reunion is on 9 May 2026", "The reunion has been bumped to 16 May 2026"),
    ("Mira's driving test is on 20 April 2026", "Mira's driving test slipped to 4 May 2026"),
    ("Mira is going to Sardinia in June", "Sardinia fell through"),
    ("Mira is going to buy a narrowboat", "Mira's wife talked Mira out of the narrowboat"),
    ("The kitchen fitters are coming on 3 March", "The kitchen fitters have been delayed until 10 March"),
    ("Mira has a job interview at Marlow on 12 February", "Marlow brought Mira's interview forward to 10"
                                                          " February"),
    ("Mira is having a garden party on 30 May", "The garden party is not happening"),
    ("The launch is planned for 3 June", "They have put the launch off until 10 June"),
    ("Mira has a hearing on 3 June", "The hearing was adjourned to 1 July"),
    ("Mira is going to a wedding in Lublin", "The wedding is off"),
    ("Mira plans to walk the Camino", "Mira thought better of the Camino"),
    ("Mira has tickets for the opera on 3 May", "The opera was axed"),
    ("Mira is going to adopt a greyhound", "The greyhound did not work out"),
    ("Mira's checkup is on 3 May", "Mira pushed the checkup back to 9 May"),
    ("Mira will give a talk in Delft on 3 May", "The Delft talk will not happen"),
    ("The exam is on 5 June", "The exam is now on 12 June"),
    ("Mira is going to Crete in May", "Mira is not going to Crete"),
    ("Mira signed up for the regatta", "Mira backed out of the regatta"),
    ("Mira has an appointment with the notary on 3 May", "The notary moved the appointment to 10 May"),
    ("Mira wants to open a cafe in spring", "Mira pulled the plug on the cafe"),
]  # fmt: skip
WORK = [
    ("Mira is applying for the residency at the museum", "Mira handed in the residency application"),
    ("Mira is building a dolls' house", "The dolls' house is finished"),
    ("Mira is translating a novel from Danish", "Mira delivered the translation on Friday"),
    ("At the moment Mira is renovating the attic", "Attic all done"),
    ("Mira is writing a grant proposal for the club", "The grant proposal went out on 2 June 2026"),
    ("Mira is restoring a rowing boat", "The rowing boat is done and in the water"),
    ("Mira is knitting a cardigan", "Mira finished the cardigan"),
    ("Mira is editing a documentary on eels", "The documentary came out"),
    ("Mira is preparing a talk on bees", "Mira wrapped up the talk"),
    ("Mira is working on the annual report", "The annual report is submitted"),
    ("Mira has to do her tax return", "Mira has filed the tax return"),
    ("Mira is designing a logo for a brewery", "Mira sent off the logo"),
    ("Mira is training for the Tyrol relay", "The Tyrol relay is behind her"),
    ("Mira is on the migration project", "The migration is complete"),
    ("Mira is painting a mural", "Mira put the finishing touches to the mural"),
    ("Mira is recording an album", "The album was released in June"),
    ("Mira is laying a patio", "The patio is ready"),
    ("Mira is writing a thesis on mussels", "Mira turned in the thesis"),
    ("Mira is programming a game about ants", "The ant game went live"),
    ("Mira is revising for the bar exam", "Mira completed the bar exam"),
]
UNTOUCHED = [
    ("Mira and Otto are together", "Mira shared a banana split on 3 May 2026"),
    ("Mira and Otto are a couple", "Mira and Otto split the bill at the Heron"),
    ("Mira is a big fan of chilling at home", "Mira is taking some time off to chill at the lake"),
    ("Mira is keen on the studio", "Losing the job gave Mira the push to start a studio of dance"),
    ("All that matters is the present", "Mira finished the presentation"),
    ("Mira's hard work is paying off; Mira shared a book", "Mira finished the book on bees"),
    ("Mira has no doubt that people love ice cream", "Mira ate ice cream"),
    ("It is a while since Mira's first race", "Mira won Mira's fourth race on 8 July 2026"),
    ("Mira remembers the second concert", "Mira played Mira's third concert"),
    ("Mira might be able to tell", "Mira used to be able to hold a cat"),
    ("Mira likes movies", "One of them will be Mira's third published movie"),
    ("Mira's stepmother is married", "Mira's mother is divorced now"),
    ("Mira is thinking of hiking in June 2026", "Mira went hiking on 8 July 2026"),
    ("Mira loves the guitar", "Mira gave the guitar a boost to go after a dream"),
    ("Mira's cat Pepper sleeps on the radiator", "Mira let go of the rope"),
    ("Mira's brother Bo works at Acme", "Acme let Bo's team go"),
    ("Mira's uncle Rashid drives a taxi", "Uncle Yusuf's funeral was on 3 May 2026"),
    ("Mira's aunt Greet keeps bees", "Aunt Greet's dog died"),
    ("Mira's friend Ute lives in Bonn", "Mira lost to Ute at chess"),
    ("Mira has a Vespa", "Bo's Vespa was crushed"),
    ("Mira has a road bike", "Mira sold the bike trailer"),
    ("Mira owns a caravan", "Mira nearly sold the caravan"),
    ("Mira owns a caravan", "Mira did not sell the caravan"),
    ("Mira owns a caravan", "If the caravan is stolen, Mira is insured"),
    ("Mira likes caravans", "Mira's caravan was stolen"),
    ("Mira sings in the choir", "Mira is done with the dishes"),
    ("Mira takes citalopram", "Mira is off to Lyon"),
    ("Mira rides a horse on Sundays", "Mira came off the horse at a fence"),
    ("Mira's brother Bo lives in Bath", "Mira has not seen Bo in years"),
    ("Mira plays chess online", "Mira almost gave up chess"),
    ("Mira plays chess online", "Mira would never give up chess"),
    ("Mira is writing a thesis on mussels", "Mira finished a chapter"),
    ("Mira has a dolls' house", "Mira finished painting the fence"),
    ("Mira is going to Sardinia in June", "Mira's flight to Corsica was cancelled"),
    ("Mira is going to Sardinia in June", "Bo's trip to Sardinia fell through"),
    ("Mira has a garden", "The garden party is not happening"),
    ("Mira loves coffee", "The coffee is done"),
    ("Mira works at a museum", "The museum moved to 3 Dock Street"),
    ("Mira has a son called Tim", "Tim dropped out of the judo class"),
    ("Mira takes the bus to work", "Mira got off the bus at noon"),
    ("Mira has two dogs", "Mira lost two kilos"),
    ("Mira studies law in Leiden", "Mira has finished reading the law report"),
]


class TestEndings:
    @pytest.mark.parametrize(("earlier", "later"), DEATHS)
    def test_a_death_ends_what_is_told_of_the_dead(self, earlier, later):
        assert _is_changed(later, earlier)

    @pytest.mark.parametrize(("earlier", "later"), LOSSES)
    def test_what_is_lost_or_given_away_is_had_no_more(self, earlier, later):
        assert _is_changed(later, earlier)

    @pytest.mark.parametrize(("earlier", "later"), HABITS)
    def test_what_is_given_up_is_done_no_more(self, earlier, later):
        assert _is_changed(later, earlier)

    @pytest.mark.parametrize(("earlier", "later"), PLANS)
    def test_a_plan_that_is_moved_or_off_is_over(self, earlier, later):
        assert _is_changed(later, earlier, lies_ahead=True)

    @pytest.mark.parametrize(("earlier", "later"), WORK)
    def test_work_that_is_finished_is_over(self, earlier, later):
        assert _is_changed(later, earlier)

    @pytest.mark.parametrize(("earlier", "later"), UNTOUCHED)
    def test_what_only_looks_like_an_end_ends_nothing(self, earlier, later):
        assert not _is_changed(later, earlier)
