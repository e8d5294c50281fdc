"""Which state that a sentence tells takes the place of which earlier one: tables of histories of two
sentences."""

import pytest

from app.memory.reconciliation.change_matching import find_change
from app.memory.reconciliation.states.holders import is_same_holder, read_holder, resolve_holder
from app.memory.reconciliation.states.state_reading import read_states
from app.memory.reconciliation.told import Finding, Told

SELF = frozenset({"ada"})
HOMES = [
    ("Ada has a small flat in Ghent", "Ada and others got the keys to a house in Leuven on 9 June 2026"),
    ("Home is Aberdeen for Ada", "Ada and others are based in Inverness now"),
    ("Ada shares a house in Brno with two students", "Since March 2026 Ada has been living out in Olomouc"),
    ("Ada is renting a studio in Turku", "Ada bought an apartment in Tampere in May 2026"),
    (
        "Ada and others' place in Cork is tiny",
        "Ada and others' new place is in Galway, finally with a garden",
    ),
    ("Ada is stuck in Dortmund", "Ada is back in Kiel for good"),
    ("Ada lives in Nantes", "Ada left Nantes for Lille in June 2026"),
    ("Ada has a room in a shared flat in Lund", "They transferred Ada to the Uppsala office"),
    ("Ada and others own a cottage near Bangor", "Ada and others swapped Bangor for Swansea in May 2026"),
    ("Ada's flat is in Porto", "Braga is home now"),
    ("Ada is at home in Graz", "Ada relocated to Linz in April 2026"),
    ("Ada resides in Tucson", "Ada has put down roots in Santa Fe"),
    ("Ada and others rent a house in toledo", "Ada and others have resettled in bilbao"),
    ("Ada has been living in Perth since 2020", "Ada and others have made Hobart their home"),
    ("Ada is living with Ada's parents in Derry", "Ada has got Ada's own flat in Belfast now"),
    (
        "Ada and others are settled in Bruges",
        "At last Ada and others have moved into their house in Mechelen",
    ),
    ("Ada has lived in Bergen for years", "Ada and others are in Stavanger now"),
    ("Ada has a tiny bedsit in Hackney", "Ada found a room in a shared house in Lewisham"),
    ("Ada is based out of Denver", "Ada has relocated from Denver to Boise"),
    ("Ada lives on a farm near Tralee", "Ada gave up the farm for a flat in Limerick"),
    ("Ada and others live in Augsburg", "Ada and others have been transferred to Kassel, the whole family"),
    ("Ada lives in Leicester", "Ada is moving back to Malta for good, today's the day"),
    ("Ada's apartment is in Queens", "Ada lives in Hoboken these days"),
    ("Ada and others bought a house in Vienna", "Ada and others sold up in Vienna and settled in Krems"),
    ("Ada rents in Lyon", "Ada owns a flat in Grenoble now and lives there"),
    ("Ada is living in Hull at the moment", "Ada is living in York now"),
    ("Ada's address is 12 Elm Street, Norwich", "Ada's new address is 4 Oak Lane"),
]

WORK = [
    ("Ada is with Siemens as an engineer", "Bosch hired Ada in May 2026"),
    ("Ada is a nurse at St. Luke's", "Ada has signed with the Royal Infirmary as a nurse"),
    ("Ada has been at Dataport since 2019", "Ada started at Nordwind on 8 June 2026"),
    ("Ada's employer is Arla", "Ada is on the payroll of Valio now"),
    ("Ada is employed by the city library", "Ada got a job at the university library"),
    ("Ada works at Tesco", "Aldi took Ada on as a driver"),
    ("Ada is a cook at the Red Lion", "Ada's new job is at the Golden Hart"),
    ("Ada is a vet at Pawfect Care", "Ada has moved to Greenfield Vets as a vet"),
    ("Ada's company is Zalando", "Ada works for Otto now"),
    ("Ada has a job at the post office", "Ada was hired by DHL"),
    ("Ada is employed at Volvo", "Ada quit Volvo and went to Scania"),
    ("Ada teaches maths at Hillview", "Ada teaches at Oakwood Academy now"),
    ("Ada is a consultant with Deloitte", "Ada left Deloitte for KPMG"),
    ("Ada is freelancing", "Ada has been taken on full-time by Spotify"),
    ("Ada works at a bakery", "Ada works at a florist's now"),
    ("Ada works at Acme", "Ada has moved to Initech as a buyer"),
    ("Ada is at Acme since 2019 as a buyer", "Globex poached Ada in May 2026"),
    ("Ada is under contract with Acme", "Ada has landed a position at Globex"),
    ("Ada's workplace is Acme", "Ada's new employer is Globex"),
]

ROLES = [
    ("Ada is a deputy editor at the Herald", "Ada has been made editor-in-chief at the Herald"),
    ("Ada is a trainee at Baxter & Co.", "Ada is now a partner at Baxter & Co."),
    ("Ada is a junior developer", "Ada got promoted to lead developer"),
    ("Ada is assistant coach of the under-12s", "From September Ada is head coach of the under-12s"),
    ("Ada's sister is a registrar at Guy's", "Ada's sister is a consultant at Guy's now"),
    ("Ada is vice-captain of the hockey team", "Ada is the captain of the hockey team now"),
    ("Ada is a senior lecturer at Essex", "Ada has been appointed professor at Essex"),
    ("Ada is an intern at Roche", "Ada has been made a permanent researcher at Roche"),
    ("Ada is a waiter at Luigi's", "Ada is the manager at Luigi's now"),
    ("Ada is a staff nurse at Queen's", "Ada is a ward sister at Queen's now"),
    ("Ada is a project assistant", "Ada has become a project manager"),
    ("Ada is a line cook at Nino's", "Ada has been named sous-chef at Nino's"),
    ("Ada works as a teaching assistant", "Ada works as a teacher at Moorland School now"),
    (
        "Ada's husband is a captain in the fire service",
        "Ada's husband was made commander in the fire service",
    ),
    ("Ada is a junior partner at Hale & Wood", "Since May 2026 Ada is a senior partner at Hale & Wood"),
    ("Ada is deputy head of the kindergarten", "Ada is head of the kindergarten as of August"),
    ("Ada's dad is a foreman at the shipyard", "Ada's dad is site manager at the shipyard these days"),
    (
        "Ada is the assistant conductor of Ada and others' choir",
        "Ada has been elected conductor of Ada and others' choir",
    ),
    ("Ada is a data analyst at Fenwick", "Ada became a data engineer at Fenwick in March 2026"),
    ("Ada's wife is a resident surgeon at Mercy", "Ada's wife has been promoted to chief surgeon at Mercy"),
]

THINGS = [
    ("Ada's dentist is Dr. Moreau", "The new dentist is Dr. Petit"),
    ("Ada's physio is called Hannah", "Ada's physio is Lorna now"),
    ("Ada's landlord is Mr. Voss", "Ada and others' landlord is Mrs. Adler these days"),
    ("Ada's thesis is on coral reefs", "The thesis is about mangroves now"),
    ("Ada is writing a novel about a lighthouse", "The novel is about a shipyard now"),
    ("Ada's therapist is Dr. Kahn", "Ada's therapist is Dr. Levy"),
    ("Ada's daughter's school is Hillcrest", "Ada's daughter's school is Oakfield now"),
    ("Ada's supervisor is Professor Ito", "Ada's supervisor is Professor Sato since June 2026"),
    ("Ada's bank is Monzo", "Ada banks with Starling now"),
    ("Ada's phone is a Nokia", "Ada's new phone is a Fairphone"),
    ("Ada's car is a Polo", "Ada drives a Yaris now"),
    ("Ada has a MacBook", "Ada's new laptop is a ThinkPad"),
    ("Ada's gym is PureGym", "Ada trains at Gold's Gym now"),
    ("Ada's hairdresser is Carla", "Ada's hairdresser is not Carla but Nina"),
    ("The wifi password is hunter22", "The wifi password is now lemon99"),
    ("Ada and others' choir rehearses at St. Anne's", "The choir rehearses at the Town Hall now"),
    ("Ada's personal trainer is Jo", "Ada has a new personal trainer called Max"),
    ("The cat's name is Momo", "The cat's name is Kiki now"),
    ("Ada and others' nanny is Agata", "The nanny is Berta now"),
    ("Ada's tax adviser is Mr. Wolf", "Mr. Fuchs is Ada's tax adviser now"),
    ("Ada's midwife's name is Clara", "Ada's midwife is Doris from now on"),
    ("Ada's PhD is on bats", "Ada's PhD is about moths now"),
    ("The book club meets at Anna's", "The book club meets at Petra's now"),
    ("Ada's locker is number 14", "Ada's locker is number 27 now"),
    ("Ada's shift starts at 6", "Ada's shift starts at 9 now"),
    ("Ada sees Dr. Hall at the surgery", "Ada's doctor is Dr. Reid now"),
    ("Ada's broadband is with Sky", "Ada switched Ada's broadband to Zen"),
    ("Ada's car insurance is with Axa", "Ada's car insurance is with Aviva now"),
    ("Ada banks with Barclays", "Ada moved Ada's accounts to Nationwide"),
    ("Ada is with Vodafone", "Ada switched to O2"),
    ("Ada uses Chrome", "Ada has switched to Firefox"),
    ("Ada keeps Ada's notes in Notion", "Ada has moved to Obsidian for Ada's notes"),
    ("Ada drives a Fiesta", "Ada has got a Golf now"),
    ("Ada rides a Trek", "Ada rides a Canyon these days"),
    ("Ada's laptop is a Dell XPS", "Ada has replaced the Dell with a MacBook"),
    ("Ada's team leader is Olga", "Ada's team leader is now Ivan"),
    ("Ada and others' wedding venue is the Grand Hotel", "The wedding venue is the Old Mill now"),
    ("Ada's son's teacher is Mrs. Kay", "Ada's son's new teacher is Mr. Lee"),
    ("Ada's daughter goes to Greenhill School", "Ada's daughter goes to Park School now"),
    ("Ada's personal best is 52 minutes", "Ada's personal best is 49 minutes now"),
    ("Ada's desk is on the third floor", "Ada's desk is on the fifth floor now"),
    ("Ada's passcode is 4821", "Ada's passcode is 9930 now"),
    ("Ada trains at FitZone", "Ada has joined Iron Gym"),
    ("The rehearsals are on Mondays", "The rehearsals are on Thursdays now"),
    ("Ada studies geology at Bern", "Ada studies law at Bern now"),
    ("Ada is majoring in history", "Ada has switched Ada's major to linguistics"),
    ("Ada's energy supplier is Eon", "Ada has switched to Octopus as Ada's energy supplier"),
    ("Ada and others' internet is from Vodafone", "Ada and others get their internet from Telekom now"),
    ("Ada's mobile contract is with O2", "Ada ported Ada's number to Giffgaff"),
    ("Ada is insured with Allianz", "Ada switched Ada's insurance to Axa"),
    ("Ada's gym is Fit One", "Ada works out at Gold's now"),
    ("Ada has an account with ING", "Ada has opened an account with N26; Ada closed the other one"),
    ("Ada uses Evernote", "Ada uses Joplin now"),
    ("Ada writes in vim", "Ada has moved over to VSCode"),
    ("Ada's camera is a Nikon", "Ada's new camera is a Leica"),
    ("Ada shoots with a Canon", "Ada has switched to Fujifilm"),
    ("Ada's tablet is an old iPad", "Ada's tablet is a Galaxy now"),
    ("Ada's daughter's nursery is Little Stars", "Ada's daughter's nursery is Sunny Days now"),
    ("Ada and others' vet is Dr. Bell", "Ada and others have got a new vet, Dr. Hart"),
    ("Ada's optician is Specs Plus", "Ada's optician is Clear View now"),
    ("Ada's driving instructor is Hans", "Ada's driving instructor is Grete now"),
    ("Ada's lucky number is 8", "Ada's lucky number is 11 now"),
    ("Ada's username is moonfox", "Ada's username is now sunfox"),
    ("Ada's window cleaner is called Reg", "Ada's window cleaner is Alf these days"),
    ("Ada is with E.ON for electricity", "Ada is with Vattenfall for electricity now"),
    ("Ada's allotment is number 12", "Ada's allotment is number 31 now"),
    ("Ada plays for Wanderers", "Ada plays for Rovers now"),
    ("Ada's band is called Driftwood", "The band is called Sandstorm now"),
    ("Ada's research is on moss", "Ada's research is on lichen now"),
    ("The surgery is on Park Road", "The surgery is on Mill Lane now"),
    ("Ada's screen name is Zed", "Ada's screen name is now Yara"),
]

CIVIL = [
    ("Ada is single", "Ada has been seeing someone called Tom"),
    ("Ada is dating Igor", "Igor and Ada got engaged"),
    ("Ada is engaged to Paula", "Paula and Ada tied the knot on 6 June 2026"),
    ("Ada is married", "Ada's husband and Ada have separated"),
    ("Ada's sister is pregnant", "Ada's sister gave birth to a girl on 5 June 2026"),
    ("Ada is a student at Leeds", "Ada graduated in July 2025"),
    ("Ada is unemployed", "Ada started a job at Ikea"),
    ("Ada is job hunting", "Ada got hired by Lufthansa"),
    ("Ada is a vegetarian", "Ada eats meat again"),
    ("Ada and others are renting", "Ada and others bought a house"),
    ("Ada is learning to drive", "Ada passed Ada's driving test"),
    ("Ada is widowed", "Ada remarried in May 2026"),
    ("Ada is in a relationship with Lea", "Lea and Ada are engaged"),
    ("Ada's husband and Ada are separated", "Ada and others' divorce is final"),
    ("Ada has a boyfriend", "Ada's boyfriend and Ada got married"),
    ("Ada is happily single", "Ada has got a girlfriend now"),
    ("Ada's aunt is married", "Ada's aunt is a widow now"),
    ("Ada is expecting a baby in June 2026", "Ada and others' baby girl was born on 9 June 2026"),
    ("Ada is looking for a job", "Ada has found a job at Lidl"),
    ("Ada's dad works at the harbour", "Ada's dad retired on 5 June 2026"),
    ("Ada is a vegan", "Ada has gone back to eating meat"),
    ("Ada's sister studies medicine in Graz", "Ada's sister graduated in May 2026"),
    ("Ada is doing an apprenticeship as a baker", "Ada finished Ada's apprenticeship"),
    ("Ada rents a flat", "Ada has bought a flat of Ada's own"),
]

OTHERS = [
    ("Ada's great-uncle Emil has a flat in Wels", "Great-uncle Emil moved into a care home in Steyr"),
    ("Ada's brother Max drives a Skoda", "Max drives a Volvo now"),
    ("Ada's brother lives in Cork", "Ada's brother has settled in Galway"),
    ("Ada's parents live in a bungalow in Truro", "Ada's parents have moved to a flat in Bude"),
    ("Ada's sister-in-law works at Nestle", "Ada's sister-in-law has started at Danone"),
    ("Jonas lives in Ulm", "Jonas relocated to Aachen"),
    ("Ada's half-brother is a plumber at Wicks", "Ada's half-brother is a manager at Wicks now"),
    ("Ada's cousin Piet studies biology", "Ada's cousin Piet studies chemistry now"),
    ("Ada's grandmother lives at home in Siena", "Ada's grandmother lives in a care home in Lucca now"),
    ("Ada's daughter drives a Micra", "Ada's daughter drives a Clio these days"),
    ("Ada's stepson goes to Ridge School", "Ada's stepson goes to Vale School now"),
    ("Ada's ex-wife lives in Bari", "Ada's ex-wife relocated to Lecce"),
    ("Ada's brother is single", "Ada's brother is engaged now"),
    ("Ada's sister is pregnant", "Ada's sister gave birth to a girl on 5 June 2026"),
    ("Ada's great-uncle Emil has a flat in Wels", "Great-uncle Emil moved into a flat in Steyr"),
    ("Ada's dad works at the harbour", "Ada's dad has retired"),
    ("Ada's aunt is married", "Ada's aunt is a widow now"),
    ("Ada's daughter is engaged", "Ada's daughter got married in Rome"),
    ("Ada's nephew is learning to drive", "Ada's nephew passed his driving test"),
    ("Ada's mother rents a flat", "Ada's mother bought a flat"),
    ("Ada's step-dad lives in Bonn", "Ada's stepdad has settled in Trier"),
    ("Ada's niece works full-time", "Ada's niece has gone part-time"),
    ("Ada's mother-in-law lives in Bonn", "Ada's mother-in-law moved to Trier"),
    ("Ada's son is an apprentice", "Ada's son finished his apprenticeship"),
]

UNTOUCHED = [
    ("Ada lives in Nantes", "Ada has a holiday flat in Lille now"),
    ("Ada lives in Nantes", "Ada bought a holiday home in Lille"),
    ("Ada lives in Nantes", "Ada has bought a weekend house in Lille"),
    ("Ada lives in Nantes", "Ada has an additional flat in Lille now"),
    ("Ada lives in Nantes", "Ada now rents a spare room in Lille"),
    ("Ada lives in Nantes", "Ada is temporarily based in Lille now"),
    ("Ada lives in Nantes", "Ada lives in Lille for a few weeks now"),
    ("Ada lives in Nantes", "Ada now lives in Lille during the week"),
    ("Ada lives in Nantes", "Ada settled in Lille for the summer"),
    ("Ada works at Deloitte", "Ada has got a second job at KPMG now"),
    ("Ada lives in Nantes", "Ada and others have a holiday flat in Lille"),
    ("Ada lives in Nantes", "Ada is in Lille for a conference"),
    ("Ada lives in Nantes", "Ada's friend Paul bought a house in Lille"),
    ("Ada lives in Nantes", "Ada is spending two weeks in Lille"),
    ("Ada lives in Nantes", "Ada's office is in Lille now"),
    ("Ada lives in Nantes", "Ada wants to live in Lille one day"),
    ("Ada's sister lives in Ghent", "Ada and others got the keys to a house in Leuven on 9 June 2026"),
    ("Ada lives in Nantes", "Ada grew up in Lille"),
    ("Ada lives in Nantes", "Ada's parents have a flat in Lille now"),
    ("Ada works for Lidl", "Ada joined the gym on Main Street"),
    ("Ada works for Lidl", "Ada's brother started at Rewe"),
    ("Ada works for Lidl", "Ada has an interview at Rewe on 12 June 2026"),
    ("Ada works for Lidl", "Rewe hired Ada's neighbour"),
    ("Ada is a nurse", "Ada's sister became a head nurse"),
    ("Ada is a teacher", "Ada is a mother of two now"),
    ("Ada's dentist is Dr. Moreau", "Ada's sister's dentist is Dr. Petit"),
    ("Ada's friend is Bo", "Ada's new friend is Al"),
    ("Ada's work phone is a Nokia", "Ada's new phone is a Fairphone"),
    ("Ada's car is a Polo", "The car is a mess now"),
    ("Ada's dog is called Rex", "Ada's new dog is called Bella"),
    ("Ada's thesis is on coral reefs", "Ada's talk is about mangroves now"),
    ("Ada is single", "Ada's brother got engaged"),
    ("Ada is married to Bo", "Ada celebrated Ada and others' wedding anniversary"),
    ("Ada is married", "Ada's sister got divorced"),
    ("Ada's sister is pregnant", "Ada's cousin gave birth"),
    ("Ada's mother lives in Bonn", "Ada's mother-in-law moved to Trier"),
    ("Ada's dad works at Ford", "Ada's step-dad joined Opel as a welder"),
    ("Ada's brother Max drives a Skoda", "Ada's brother Ben drives a Volvo now"),
    ("Ada lives in Leeds", "Ada was born in York"),
    ("Ada lives in Leeds", "Ada commutes to York now"),
    ("Ada lives in Leeds", "Ada is back in York for Ada's dad's birthday"),
    ("Ada lives in Leeds", "Ada and others have booked a house in York for August"),
    ("Ada lives in Leeds", "Ada studied in York"),
    ("Ada lives in Leeds", "Ada has moved Ada's savings to Monzo"),
    ("Ada lives in Leeds", "Ada is thinking of moving to York"),
    ("Ada lives in Leeds", "Ada's boss moved to York"),
    ("Ada lives in Leeds", "Ada has been stuck in traffic in York since 10 June 2026 at 07:00"),
    ("Ada lives in Leeds", "Ada has a dentist in York now"),
    ("Ada lives in Leeds", "Tom's new place is in York"),
    ("Ada lives in Leeds", "Ada stayed at a hotel in York on the night of 9 June 2026"),
    ("Ada lives in Leeds", "Ada is on holiday in York"),
    ("Ada lives in Leeds", "Ada's daughter has moved to York for her studies"),
    ("Ada lives in Leeds", "Ada's favourite restaurant is in York now"),
    ("Ada works at Deloitte", "Ada is a volunteer at Oxfam"),
    ("Ada works at Deloitte", "Ada had lunch with a friend who works at KPMG"),
    ("Ada works at Deloitte", "Ada started at the gym on 8 June 2026"),
    ("Ada works at Deloitte", "Ada's wife has got a job at KPMG"),
    ("Ada works at Deloitte", "Ada started with a new therapist"),
    ("Ada works at Deloitte", "Ada used to work at KPMG"),
    ("Ada works at Deloitte", "Ada and others hired a nanny"),
    ("Ada works at Deloitte", "Ada has joined a book club"),
    ("Ada is a nurse", "Ada is the treasurer of Ada and others' allotment society"),
    ("Ada is a driver", "Ada's son is a driver"),
    ("Ada is a developer at SAP", "Ada is also a DJ"),
    ("Ada's son's teacher is Mrs. Kay", "Ada's daughter's teacher is Mr. Lee"),
    ("Ada's aunt's cat is called Tom", "Ada and others' cat is called Kiki now"),
    ("Ada's colleague is Ann", "Ada's new colleague is Bea"),
    ("Ada's first car was a Polo", "Ada's car is a Golf"),
    ("Ada's eldest son is Max", "Ada's youngest son is Ben"),
    ("Ada's mum's birthday is on 5 May 2026", "Ada's dad's birthday is on 7 June 2027"),
    ("Ada has a Nikon", "Ada has a MacBook now"),
    ("Ada drives a Fiesta", "Ada's wife drives a Golf now"),
    ("Ada's English teacher is Mrs. Kay", "Ada's maths teacher is Mr. Lee now"),
    ("Ada's upstairs neighbour is Jo", "Ada's downstairs neighbour is Max now"),
    ("Ada is married to Leo", "Ada's ex-husband got married again"),
    ("Ada is pregnant", "Ada's dog gave birth to five puppies"),
    ("Ada is a student", "Ada's roommate graduated"),
    ("Ada works at Lidl", "Ada works as a DJ at the weekend too"),
    ("Ada is single", "Ada went to Ada's cousin's wedding"),
    ("Ada's dad works at the harbour", "Ada's mum retired on 5 June 2026"),
    ("Ada's brother lives in Cork", "Ada's brother-in-law has settled in Galway"),
    ("Ada's sister lives in Cork", "Ada's half-sister moved to Galway"),
    ("Ada's mother is married", "Ada's stepmother is divorced now"),
    ("Ada's uncle lives in Cork", "Ada's great-uncle moved to Galway"),
    ("Ada's father works at Nestle", "Ada's godfather started at Danone"),
    ("Ada's wife lives in Bari", "Ada's ex-wife relocated to Lecce"),
    ("Ada's brother Leo lives in Cork", "Ada's brother Sam has moved to Galway"),
    ("Jonas lives in Ulm", "Jonas's mother relocated to Aachen"),
    ("Ada's friend Ida is single", "Ada's friend Ute got engaged"),
    ("Ada's daughter drives a Micra", "Ada's daughter-in-law drives a Clio these days"),
    ("Ada's boss's wife works at Aldi", "Ada's boss works at Lidl now"),
    ("Ada's grandson goes to Ridge School", "Ada's son goes to Vale School now"),
    ("Ada's research is on moss", "Ada's sister's research is on lichen now"),
    ("Ada studies geology at Bern", "Ada studied law for Ada's exam"),
    ("Ada uses Chrome", "Ada's mum uses Firefox now"),
    ("Ada's bike is a Trek", "Ada's car is a Golf now"),
    ("Ada plays for Wanderers", "Ada's son plays for Rovers now"),
    ("Ada banks with ING", "Ada has opened an account for Ada's son with N26"),
    ("Ada uses Canva for posters", "Ada uses Figma for slides now"),
    ("Ada uses Slack for work", "Ada moved the sofa to Leeds"),
    ("Ada studies law", "Ada changed to the early shift"),
    ("Ada drinks coffee black", "Ada drinks green tea now"),
    ("Ada's book is on the table", "Ada's book is about bees now"),
    ("Ada's mother-in-law is a nurse", "Ada's mother is retired now"),
    ("Ada's half-brother lives in Rome", "Ada's brother lives in Oslo now"),
    ("Ada's wedding dress is from Pronovias", "Ada's shoes are from Clarks"),
]


def find(earlier: str, later: str):
    return find_change(Told(later), Told(earlier), SELF, SELF)


TOOLS_AND_STUDIES = [
    ("Ada uses Asana for the club rota", "Ada has moved the club rota over to Notion"),
    ("Ada and others use Excel for the invoices", "Ada and others have migrated the invoices to Xero"),
    ("Ada keeps the recipes in Evernote", "Ada moved the recipes into Joplin"),
    ("Ada tracks runs with Strava", "Ada uses Garmin for runs now"),
    ("Ada's roommate Jana is studying chemistry", "Jana has changed to pharmacy"),
    ("Ada studies history in Bern", "Ada switched to archaeology"),
    ("Ada's cousin Bea is married to Nils", "Bea's divorce from Nils came through in May 2026"),
    ("Ada smokes a pack a day", "Ada has been 40 days without a cigarette"),
    ("Ada drinks wine with dinner", "Ada has been three months sober"),
    ("Ada drives a van for Coop", "Ada is a manager at Migros these days"),
    ("Ada does accounts at Lidl", "Ada's new job at Heron Books is fun"),
    ("Ada is renting a room in Lund", "Ada's own studio is in Malm\u00f6, top floor"),
    ("Ada is seeing somebody", "Ada has a fianc\u00e9 now"),
    ("The school run is with Mia; Mum drives a Corsa", "The Corsa went to the scrapyard"),
]
DOUBTED = [
    ("Ada drives a Golf", "Ada drives a Panda"),
    ("Ada is vegetarian", "Ada eats meat"),
    ("Ada trains at FitHub", "Ada works out at Ironworks"),
    ("Ada studies law", "Ada studies physics"),
    ("Ada rides a Trek", "Ada rides a Cube"),
    ("Ada smokes", "Ada is a non-smoker"),
    ("Ada lives alone", "Ada lives with two friends"),
    ("Ada reports to Kim", "Ada reports to Olga"),
    ("Ada is catholic", "Ada is a buddhist"),
]


class TestStates:
    @pytest.mark.parametrize(
        ("earlier", "later"), [*HOMES, *WORK, *ROLES, *THINGS, *CIVIL, *OTHERS, *TOOLS_AND_STUDIES]
    )
    def test_a_state_that_excludes_an_earlier_one_takes_its_place(self, earlier, later):
        found = find(earlier, later)
        assert found is not None
        assert found.finding is Finding.CHANGED

    @pytest.mark.parametrize(("earlier", "later"), DOUBTED)
    def test_a_second_value_of_what_is_mostly_one_is_put_in_doubt(self, earlier, later):
        found = find(earlier, later)
        assert found is not None
        assert found.finding is Finding.DOUBTFUL

    @pytest.mark.parametrize(("earlier", "later"), UNTOUCHED)
    def test_what_is_similar_and_another_thing_stays(self, earlier, later):
        found = find(earlier, later)
        assert found is None or found.finding is not Finding.CHANGED

    @pytest.mark.parametrize(("earlier", "later"), [*HOMES, *WORK, *OTHERS])
    def test_the_state_of_one_person_changes_nothing_of_another(self, earlier, later):
        other = later.replace("Ada", "Bo")
        if other == later or "others" in later:
            pytest.skip("the sentence names nobody else")
        found = find_change(
            Told(other, subject="bo"), Told(earlier, subject="ada"), SELF, frozenset({"ada", "bo"})
        )
        assert found is None or found.finding is not Finding.CHANGED

    def test_one_of_two_persons_in_a_sentence_leaves_a_doubt_over_it(self):
        found = find("Ada's mum drives a Corsa and Ada's dad drives a Fiat", "Ada's dad drives a Volvo now")
        assert found is not None
        assert found.finding is Finding.DOUBTFUL

    @pytest.mark.parametrize(
        "content",
        [
            "Ada would like to live in Truro", "If Ada lives in Truro, it is by chance",
            "Ada never worked at Acme",
            "Ada might join Acme as a welder", "Ada was looking for a flat in Truro",
            "Ada hopes to get married",
            "Ada is thinking of moving to Truro", "Ada had a flat in Truro", "Ada does not drive a Fiat",
            "Ada applied for a job at Acme", "Ada used to be single", "Ada dreams of a house in Truro",
            "Ada is afraid to lose the flat", "Ada no longer works at Acme", "Ada could rent a flat in Truro",
            "Marrying Bo would be the best part", "Ada wants to go vegan", "Ada was married to Bo",
            "Ada plans to buy a house in Truro", "Ada lived in Truro as a child", "Ada is not pregnant",
        ],
    )  # fmt: skip
    def test_what_is_denied_wished_or_past_is_no_state(self, content):
        assert not [s for s in read_states(content) if not s.is_secondary]


KIN = [
    ("my great-aunt rosa", "great-aunt rosa"), ("my mother-in-law", "ada 's mother-in-law"),
    ("ada 's step-dad", "my stepfather"), ("ada 's dad", "dad"), ("my brother kofi", "my brother"),
    ("ada 's sister eva", "sister eva"), ("ada", "the user"), ("ada and others", "ada"), ("bo 's mother",
    "bo 's mum"),
    ("my gran", "ada 's grandmother"), ("my flatmate", "my roommate sam"),
]  # fmt: skip
NOT_KIN = [
    ("my aunt", "my great-aunt"), ("my mother", "my mother-in-law"), ("my dad", "my step-dad"),
    ("my brother leo", "my brother kofi"), ("my brother", "my half-brother"), ("my sister", "bo 's sister"),
    ("ada", "my sister"), ("ada", "bo"), ("my wife", "my ex-wife"), ("my boss", "my boss 's wife"),
    ("my uncle", "my great-uncle"), ("my daughter", "my daughter-in-law"), ("bo", "bo 's mother"),
]  # fmt: skip


class TestHolders:
    @pytest.mark.parametrize(("one", "other"), KIN)
    def test_one_person_by_two_names(self, one, other):
        assert is_same_holder(*(resolve_holder(read_holder(words), None, SELF) for words in (one, other)))

    @pytest.mark.parametrize(("one", "other"), NOT_KIN)
    def test_two_persons(self, one, other):
        assert not is_same_holder(*(resolve_holder(read_holder(words), None, SELF) for words in (one, other)))
