"""Word lists of the offline extractor (English)."""

from app.memory.text.word_sets import word_set

OCCUPATIONS = word_set(
    """
    accountant actor actress actuary administrator advisor analyst animator anthropologist apprentice
    archaeologist architect artist assistant astronomer athlete attorney auditor author baker barber
    barista bartender biologist blogger bookkeeper builder butcher carer caregiver caretaker carpenter
    cashier chef chemist choreographer cleaner coach coder comedian composer consultant contractor cook
    coordinator copywriter counselor counsellor courier curator dancer dentist designer detective
    developer dietitian director doctor dj driver economist editor electrician engineer entrepreneur
    estimator farmer firefighter fisherman florist freelancer gardener geologist gp hairdresser handyman
    historian illustrator inspector instructor interpreter investigator investor janitor jeweler
    journalist judge lawyer lecturer librarian linguist locksmith machinist manager marketer
    mathematician mechanic microbiologist midwife miner model musician nanny neurologist neuroscientist
    notary novelist nurse nutritionist officer operator optician painter paralegal paramedic pastor
    pediatrician pharmacist philosopher photographer physicist physician physiotherapist pianist pilot
    planner plumber podcaster poet policeman politician postdoc potter priest principal producer
    professor programmer psychiatrist psychologist publisher radiologist realtor receptionist recruiter
    reporter researcher retiree sailor salesman salesperson scientist screenwriter sculptor secretary
    seamstress singer soldier songwriter statistician student supervisor surgeon surveyor tailor teacher
    technician therapist trader trainer translator trucker tutor undertaker veterinarian vet violinist
    waiter waitress webmaster welder writer
    """
)
WORKPLACES = word_set(
    """
    agency airline airport bakery bank bar brewery cafe café center centre charity church clinic club
    college company dealership factory farm firm gallery gym hospital hotel lab laboratory library
    museum ngo nonprofit office organization pharmacy practice pub publisher restaurant salon school
    shelter shop startup start-up store studio supermarket theater theatre university warehouse zoo
    """
)
NOT_EMPLOYERS = word_set(
    """
    academy association band board book challenge choir class club committee community council course
    crew discord facebook forum group gym instagram league linkedin meetup netflix peloton program
    programme reddit server slack snapchat society spotify squad strava team tiktok toastmasters
    tournament tribe twitter union whatsapp workshop zoom
    """
)
LANGUAGE_NAMES = word_set(
    """
    afrikaans arabic basque bengali bulgarian cantonese catalan croatian czech danish dutch english
    estonian farsi finnish french gaelic galician german greek hebrew hindi hungarian icelandic
    indonesian irish italian japanese korean latin latvian lithuanian malay mandarin chinese norwegian
    persian polish portuguese punjabi romanian russian serbian slovak slovenian spanish swahili swedish
    tagalog tamil thai turkish ukrainian urdu vietnamese welsh
    """
)
PLAYABLE_NOUNS = word_set(
    """
    accordion badminton banjo baseball basketball bass cello chess clarinet cricket dnd drums fiddle
    flute football golf guitar handball harmonica harp hockey keyboard lacrosse mandolin netball oboe
    organ padel piano pickleball poker polo rugby sax saxophone soccer softball squash tennis trombone
    trumpet tuba ukulele viola violin volleyball
    """
)
OWNABLE_NOUNS = word_set(
    """
    aquarium apartment bicycle bike bird boat camera campervan car cat cats chicken chickens condo
    cottage dog dogs drone ferret fish garden goldfish guitar hamster horse horses house keyboard kitten
    laptop lizard macbook motorbike motorcycle parrot piano pickup pig piglet ps5 puppy puppies rabbit
    rabbits scooter snake snakes tesla tortoise truck turtle turtles ukulele van violin
    """
)
FAMILY_MEMBERS = word_set(
    """
    brother brothers child children cousin cousins daughter daughters grandchild grandchildren grandson
    granddaughter kid kids nephew nephews niece nieces sibling siblings sister sisters son sons stepson
    stepdaughter twins
    """
)
CONDITIONS = word_set(
    """
    adhd anxiety arthritis asthma autism celiac coeliac depression diabetes dyslexia eczema
    endometriosis epilepsy hypertension insomnia migraines ocd pcos ptsd scoliosis
    """
)
PETS = word_set(
    """
    bird bunny cat dog ferret fish goldfish guinea hamster horse kitten lizard parrot pet pony pup puppy
    rabbit snake tortoise turtle
    """
)
SINGLE_RELATIONS = word_set(
    """
    wife husband spouse partner girlfriend boyfriend fiancé fiancée fiance fiancee mom mum mother dad
    father boss therapist
    """
)
MULTIPLE_RELATIONS = word_set(
    """
    son daughter brother sister friend cousin niece nephew aunt uncle grandma grandmother grandpa
    grandfather colleague coworker roommate neighbor neighbour grandson granddaughter mentor teacher
    coach
    """
)
RELATIVES = (
    SINGLE_RELATIONS
    | MULTIPLE_RELATIONS
    | FAMILY_MEMBERS
    | PETS
    | word_set(
        """
    dogs cats pets family parents grandparents friends ex
    """
    )
)
MONTHS_AND_DAYS = word_set(
    """
    january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday christmas easter halloween thanksgiving
    """
)
ADVERBS = word_set(
    """
    also just really now currently still actually recently finally only already always absolutely
    totally truly even personally mostly usually both definitely officially never often sometimes
    regularly generally once ever previously originally basically simply probably certainly literally
    accidentally normally typically first initially eventually all not
    """
)
IRREGULAR_PAST = word_set(
    """
    ate became began bought broke brought built came caught chose cut did drew drove fell flew fought
    found froze gave got grew had hid hit hurt kept knit laid led left lent lost made met moved paid put
    quit ran rode rang rose sang sent set sewed shot slept sold spent spoke stood stole swam taught took
    threw went woke won wore wrote was were bred bet saw heard felt knew said told thought understood
    meant forgot gone drank dug held hung lit read swept swore tore upgraded wove
    """
)
PLANNED_VERBS = word_set(
    """
    adopting attending flying getting going graduating having hosting joining launching leaving marrying
    meeting moving opening organizing performing quitting retiring running seeing starting taking
    traveling travelling visiting
    """
)
TIME_WORDS = word_set(
    """
    yesterday today tonight tomorrow night morning afternoon evening ago hour hours day days week weeks
    weekend weekends month months year years last past next this coming spring summer autumn fall winter
    before since now monday tuesday wednesday thursday friday saturday sunday january february april
    june july august september october november december jan feb mar apr jun jul aug sep sept oct nov
    dec fortnight fortnights minute minutes min mins christmas halloween valentine valentines boxing
    patrick ieri oggi domani gestern heute ayer hoy
    """
)
SOFTWARE_NAMES = word_set(
    """
    linux windows android mac react vue python rust java aws azure ios
    """
)

# Verbs whose present tense tells a habit ("I cycle to work").
HABITUAL_VERBS = word_set(
    """
    attend bake bike coach code collect commute cook cycle dance draw drive exercise foster garden hike
    jog knit lift major manage meditate mentor own paint photograph practice practise raise read rent
    ride rock-climb run sew sing ski smoke snowboard study surf swim teach travel tutor volunteer walk
    work write
    """
)
