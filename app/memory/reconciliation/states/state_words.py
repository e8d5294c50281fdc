"""Word classes by which the states of a person are told: dwellings, roles, kin, makes of things."""

from collections.abc import Mapping

from app.memory.text.word_lists import OCCUPATIONS
from app.memory.text.word_sets import word_set

KIN_NAMES: Mapping[str, str] = {
    name: kin
    for kin, names in {
        "mother": "mother mum mom mummy mama mam",
        "father": "father dad daddy papa",
        "grandmother": "grandmother grandma gran granny nan nana",
        "grandfather": "grandfather grandpa grandad granddad",
        "partner": "partner wife husband girlfriend boyfriend fiancé fiancée fiance fiancee spouse",
        "flatmate": "flatmate roommate housemate",
        "parents": "parents folks",
    }.items()
    for name in names.split()
} | {
    name: name
    for name in word_set(
        """
    brother sister sibling son daughter child baby kid uncle aunt auntie cousin nephew niece grandson
    granddaughter grandparents godmother godfather godson goddaughter twin friend neighbour neighbor
    colleague coworker boss
    manager ex in-laws kids children sons daughters brothers sisters friends neighbours neighbors colleagues
    """
    )
}
# Nouns of which one owner has several at a time: another one takes the place of none.
SEVERAL_NOUNS = word_set(
    """
    friend friends brother sister son daughter child kid cousin aunt uncle nephew niece colleague coworker
    neighbour neighbor dog cat pet puppy kitten rabbit hamster horse bird parrot hen student pupil patient
    client customer idea problem question point thing part hobby interest skill plant tree room sibling twin
    grandson granddaughter grandchild godson goddaughter guest visitor member passion dream fear reason
    language photo picture recipe song trip holiday fish chicken pony tattoo scar
    allergy booking flight appointment meeting exam visit class lesson game match concert party
    """
)
# Nouns of which an owner has one at a time: another name takes its place without a word of change.
SINGLE_NOUNS = word_set(
    """
    dentist gp doctor physician therapist psychologist psychiatrist counsellor counselor bank landlord
    landlady
    employer boss manager supervisor gym email number address postcode password passcode pin hairdresser
    barber
    vet physio physiotherapist optician accountant solicitor lawyer nanny childminder babysitter tutor trainer
    cleaner thesis dissertation username handle nickname isp carrier network insurer midwife orthodontist
    osteopath chiropractor surname timezone major advisor adviser pediatrician paediatrician agent pharmacy
    """
)
_NOUN_NAMES = {
    "doctor": "doctor gp physician",
    "bank": "bank",
    "vet": "vet veterinarian",
    "vehicle": "car vehicle van suv pickup truck",
    "bicycle": "bike bicycle e-bike ebike",
    "motorcycle": "motorbike motorcycle scooter moped",
    "phone": "phone mobile smartphone handset cellphone",
    "laptop": "laptop computer notebook pc macbook desktop",
    "tablet": "tablet ipad",
    "camera": "camera dslr",
    "watch": "watch smartwatch",
    "console": "console",
    "employer": "employer workplace",
    "occupation": "occupation profession",
    "job": "job role position title",
    "manager": "boss manager supervisor",
    "landlord": "landlord landlady",
    "hairdresser": "hairdresser barber stylist",
    "therapist": "therapist psychologist psychotherapist psychiatrist counsellor counselor shrink",
    "physio": "physio physiotherapist",
    "lawyer": "lawyer solicitor attorney",
    "nanny": "nanny childminder babysitter au-pair",
    "adviser": "adviser advisor",
    "thesis": "thesis dissertation",
    "carrier": "carrier network",
    "internet": "isp broadband internet wifi wi-fi router fibre",
    "energy": "electricity energy gas power",
    "insurance": "insurer insurance",
    "school": "school university uni college",
    "gym": "gym",
    "residence": "home residence",
    "paediatrician": "paediatrician pediatrician",
    "programme": "program programme",
    "flatmate": "flatmate roommate housemate",
}
NOUN_TOPICS: Mapping[str, str] = {
    noun: topic for topic, nouns in _NOUN_NAMES.items() for noun in nouns.split()
}
_MAKES = {
    "phone": "pixel iphone galaxy fairphone nokia oneplus xiaomi motorola huawei oppo blackberry redmi",
    "laptop": "macbook thinkpad chromebook xps zenbook ideapad pavilion surface latitude imac",
    "vehicle": (
        "vw volkswagen golf polo passat toyota yaris corolla prius ford fiesta focus skoda octavia fabia "
        "audi "
        "bmw tesla honda civic jazz mazda volvo renault clio zoe twingo peugeot fiat panda nissan leaf micra "
        "hyundai kia mercedes subaru lexus opel vauxhall corsa astra citroen berlingo seat ibiza dacia "
        "duster "
        "sandero mini jeep chevrolet suzuki swift jaguar porsche saab lada"
    ),
    "bicycle": "trek cube giant specialized brompton canyon cannondale gazelle scott bianchi pashley orbea",
    "carrier": "vodafone verizon t-mobile o2 orange three ee giffgaff telekom movistar at&t lebara sprint",
    "bank": "monzo starling revolut barclays hsbc santander natwest lloyds n26 ing halifax citibank wise",
    "browser": "firefox chrome safari edge brave opera vivaldi chromium",
    "notes": "evernote obsidian notion onenote joplin logseq",
    "editor": "vscode vim neovim emacs intellij pycharm zed helix",
    "operating_system": "linux ubuntu fedora debian windows macos arch nixos mint",
    "console": "playstation ps4 ps5 xbox switch",
    "camera": "nikon canon fujifilm leica olympus",
    "streaming": "spotify tidal deezer",
}
MAKES: Mapping[str, str] = {make: topic for topic, makes in _MAKES.items() for make in makes.split()}
_ROLE_NOUNS = OCCUPATIONS | word_set(
    """
    lead head chief president chair chairman chairwoman chairperson captain vice-captain treasurer deputy
    associate partner vp ceo cto cfo coo trainee intern clerk teller registrar consultant executive sergeant
    lieutenant corporal major colonel commander editor-in-chief headteacher headmaster principal dean provost
    professor fellow postdoc apprentice foreman supervisor specialist controller buyer planner strategist
    owner co-owner boss matron sister porter guard ranger warden curator rector vicar bishop deacon
    mayor councillor minister senator ambassador sous-chef sommelier bartender host steward stewardess
    goalkeeper striker keeper referee umpire drummer bassist guitarist vocalist understudy soloist conductor
    secretary spokesperson representative rep scout machinist roofer plasterer bricklayer butler
    """
)
_VERBS_OF_ASPECT = "now just finally recently also still currently"
WORD_CLASSES: Mapping[str, frozenset[str]] = {
    "in": word_set("in at near outside on around"),
    "dwelling": word_set(
        """
    flat apartment house bungalow cottage studio room place loft condo townhouse penthouse farmhouse bedsit
    maisonette two-bed one-bed three-bed houseboat caravan duplex flatshare digs terrace semi villa home
    bedroom one-bedroom two-bedroom three-bedroom four-bed pad
    """
    ),
    "role": _ROLE_NOUNS,
    "post": word_set("job role position post contract place gig placement internship apprenticeship offer"),
    "aspect": word_set(_VERBS_OF_ASPECT),
    "kind": word_set(
        "new old little own current small big tiny rented shared two-bed first main lovely former"
    ),
    "a": word_set("a an the his her their my our its"),
}
ROLE_NOUNS = _ROLE_NOUNS
# Fields of study, by which "changed to medicine" tells of studies.
FIELDS = word_set(
    """
    law medicine physics chemistry biology maths mathematics history geography economics philosophy psychology
    sociology architecture engineering music theology linguistics literature archaeology astronomy geology
    politics journalism nursing dentistry pharmacy accounting business marketing statistics anthropology
    pedagogy design drama theatre art fine-arts informatics computing ecology botany zoology genetics
    """
)
# Nouns with which a frame begins, so that what stands before is their owner.
OWNED_NOUNS = (
    WORD_CLASSES["dwelling"]
    | WORD_CLASSES["post"]
    | word_set(
        """
    residence address base employer workplace company firm school university college bank account accounts
    phone
    mobile plan sim carrier network provider internet broadband wifi fibre router electricity energy gas power
    insurance policy cover gym field major subject keys payroll
    """
    )
)
# Words that make a state one beside the main one, or one for a time.
SECONDARY = word_set(
    """
    holiday vacation another additional visiting visit trip conference temporarily temporary hotel hostel
    airbnb
    tenants storage sometimes occasionally semester workshop meantime loan loaner borrowed rental courtesy
    moonlights side fortnight seasonal spare honeymoon timeshare friend's parents' retreat layover stopover
    weekends tenant second-hand-dealer cabin chalet campsite house-sitting dog-sitting stays staying
    """
)
SECONDARY_PHRASES = (
    "for a while", "for a few", "for a couple", "for a week", "for a month", "for a year", "for a bit",
    "for a night",
    "for the week", "for the month", "for the summer", "for the winter", "for the weekend", "for the year",
    "until",
    "for the time", "for the holidays", "for the night", "for the day", "for the season", "for the moment",
    "for two", "for three", "for four", "for six", "for some", "for this", "for now", "for the rest",
    "as well", "during", "while", "this week", "this month", "on loan", "rents out", "let out",
    "for work", "one day", "in winter", "in summer", "a few days", "a couple of", "weekend house",
    "weekend home",
    "weekend place", "weekend flat", "summer house", "summer home", "second home", "second house",
    "second flat",
    "second job", "on the side", "part of the time", "on weekends", "at weekends", "winter home",
    "as a child",
    "when i was", "in the past", "years ago",
)  # fmt: skip
# A place that is no home.
NO_HOMES = word_set(
    """
    office hospital hotel hostel bed meeting love trouble debt touch charge pain hurry conference prison jail
    traffic bath shower queue crowd mood band choir team class school university college project shape bloom
    garage garden kitchen tent gym theatre theater cinema restaurant pub church library clinic lab studio
    thirties forties fifties twenties sixties seventies row middle past future way car train plane crutches
    parliament politics business finance marketing tech media love process midst habit danger
    """
)
