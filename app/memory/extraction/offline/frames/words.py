"""Word lists of the frames: closed classes and idioms of English, lemmas in lower case.

Verbs of speech and thought follow Levin's classes 37 (communication) and 29 (predicative complements); the
rest are the common members of their kind in everyday English. A word that is missing makes one sentence
wrong, so a list holds the whole kind and not what some example needed.
"""

from app.memory.text.word_sets import word_set

FIRST_PERSON = frozenset({"i", "we", "me", "us", "my", "our", "myself", "ourselves", "mine", "ours"})
SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl", "csubj"})
FINITE_TAGS = frozenset({"VBD", "VBP", "VBZ", "MD"})
VERB_TAGS = FINITE_TAGS | {"VB", "VBN", "VBG"}
WH_WORDS = frozenset({"what", "where", "when", "why", "how", "which", "who", "whom", "whose"})

# Verbs whose clause is somebody's words; `LOOSE_SAY_VERBS` mean speech only before a colon or a quotation.
SAY_VERBS = word_set(
    "say tell write text message email mail e-mail claim insist mention announce explain shout yell "
    "scream whisper "
    "mutter reply answer respond admit confess state declare report remark post tweet swear warn "
    "argue complain joke "
    "whine assert allege suggest promise inform assure observe comment boast brag cry exclaim note "
    "reveal recall "
    "tweet dm voice groan sigh laugh murmur mumble stammer snap ask wonder quip insinuate "
    "repeat maintain gush grumble moan rant tease holler bellow bark hiss sob vow retort blurt proclaim "
    "recount relate confide disclose stress emphasise emphasize reiterate protest whatsapp"
)
LOOSE_SAY_VERBS = word_set("go be read add begin start end continue sing think sign type scribble recite")
# Verbs of another person's belief: what they think of the speaker is theirs.
BELIEF_VERBS = word_set("think believe assume suspect reckon guess suppose figure imagine fear doubt feel")
HEARSAY_VERBS = frozenset({"hear", "read", "overhear"})
# Verbs and adjectives before an embedded question: "I'm not sure whether", "I wonder if".
UNSURE_WORDS = word_set(
    "sure certain wonder know idea clue unsure uncertain unclear check find decide see ask"
)

# Texts of somebody else, or that are to be worked on. `OWN_TEXTS` are about their writer if they are "my".
TEXT_NOUNS = word_set(
    "letter mail email e-mail text article review post poem lyric lyrics song chapter paragraph "
    "sentence line exercise "
    "essay excerpt passage transcript interview ad advert advertisement caption subtitle log code "
    "snippet query script "
    "dialogue dialog scene verse chorus abstract headline quote quotation tweet comment thread page "
    "document readme "
    "sample template draft cv resume résumé bio biography story tale novel prompt memo newsletter "
    "notice flyer leaflet "
    "brochure speech eulogy toast monologue limerick haiku sonnet fable joke riddle phrase saying "
    "proverb slogan motto "
    "translation summary homework assignment testimonial complaint obituary blurb synopsis file json "
    "yaml xml csv config "
    "screenshot voicemail sms chat conversation message description listing profile report paper "
    "manual recipe "
    "statement testimony deposition book blog entry website webpage site plot ending wording passage "
    "fragment clause "
    "syntax statement command stanza ballad rap jingle regex formula function traceback stack "
    "markdown html css column dataset inscription postcard fax flyer pitch proposal"
)
# What stands before a quotation that is worked on: "translate the sentence 'I am late'".
QUOTED_NOUNS = word_set("sentence phrase word words line paragraph text message title this following")
OWN_TEXTS = word_set(
    "cv resume résumé bio biography story profile message description report page entry statement"
)
# What a text consists of: work on these is work on a text.
TEXT_FEATURES = word_set(
    "grammar spelling comma commas punctuation word words tense typo typos mistake mistakes error "
    "errors sentiment tone "
    "wording capital capitals letter letters noun nouns verb verbs adjective adjectives rhyme rhymes "
    "syllable syllables "
    "vowel vowels meaning synonym synonyms keyword keywords topic entity entities name names language "
    "english sound "
    "style voice person register formatting accent accents hashtag hashtags apostrophe apostrophes"
)
# Work that means a text when something follows it after a colon.
COLON_TASKS = word_set(
    "classify count extract sing recite read spell pronounce parse decode capitalise capitalize rhyme "
    "tokenize tokenise "
    "lemmatize underline annotate render print repeat echo grade mark label format convert encode "
    "reverse encrypt hum "
    "dictate fill complete type copy reword improve polish simplify shorten"
)
# Work that is done on a text whatever its object is called, and work that is only such with a text as object.
TEXT_TASKS = word_set(
    "translate proofread proof-read summarise summarize paraphrase rewrite re-write rephrase reword "
    "transcribe "
    "punctuate spellcheck spell-check tl;dr tldr transliterate copyedit copy-edit redact caption subtitle "
    "condense subedit"
)
OBJECT_TASKS = word_set(
    "fix correct edit grade mark shorten simplify polish improve check turn put strip parse format "
    "decode explain "
    "analyse analyze review rate continue finish complete extend extract classify label interpret "
    "critique debug "
    "convert read spot find quote render expand write help look answer reply change make tell list "
    "give highlight "
    "sum recap digest tidy neaten tweak rework smooth revise reformulate amend adapt boil "
    "clean fill count judge evaluate assess comment respond identify remove replace need want say"
)
LANGUAGES = word_set(
    "english french german spanish italian portuguese dutch swedish norwegian danish finnish polish "
    "czech russian "
    "ukrainian greek turkish arabic hebrew hindi urdu bengali tamil chinese mandarin cantonese "
    "japanese korean "
    "vietnamese thai indonesian malay swahili latin welsh irish gaelic catalan basque hungarian "
    "romanian bulgarian "
    "serbian croatian slovak slovene slovenian estonian latvian lithuanian icelandic persian farsi "
    "tagalog afrikaans "
    "esperanto klingon"
)
# What "is this …?" asks about a text that was pasted.
TEXT_VERDICTS = word_set(
    "spam scam phishing injection phish hoax fraud grammatical idiomatic grammatically legit legitimate"
)
# Labels before a colon after which the speaker goes on in person.
OWN_LABELS = word_set(
    "update edit note fact question context background news reminder correction disclaimer plan goal "
    "problem issue "
    "result conclusion status spoiler ps p.s. heads up me myself remember forget warning tip thing "
    "point reason "
    "situation request info information favourite favorite mood short"
)
KIN = word_set(
    "mum mom mama mother dad papa father sister brother son daughter wife husband boss landlord "
    "doctor teacher friend "
    "aunt uncle grandma grandmother grandpa grandfather cousin neighbour neighbor colleague flatmate "
    "roommate partner "
    "boyfriend girlfriend client customer patient applicant stranger"
)

OCCUPATIONS = word_set(
    "nurse vet judge waiter waitress narrator guy man woman boy girl kid child student pupil manager "
    "coach trainer priest "
    "driver officer policeman cop lawyer baker butcher chef barber tenant buyer seller caller author "
    "speaker guest host "
    "receptionist secretary clerk cashier plumber electrician mechanic professor tutor nanny "
    "babysitter therapist dentist "
    "surgeon pharmacist candidate intern supervisor employee witness lady gentleman guide captain "
    "singer actor"
)
SPOKEN_NOUNS = word_set(
    "words reply answer response excuse comment reaction verdict advice message motto question remark "
    "argument"
)
ENDING_VERBS = word_set(
    "quit sell retire die divorce resign cancel separate expire recover outgrow terminate dump sack fire "
    "discontinue lapse dissolve close dismiss evict demolish scrap axe euthanise euthanize"
)
# "give up", "break up" and so on: verb and particle.
ENDING_PHRASES = word_set(
    "give_up break_up split_up pass_away move_out lay_off drop_out call_off let_go throw_out "
    "throw_away trade_in "
    "close_down shut_down put_down get_rid grow_out step_down sign_off opt_out cut_off wind_down "
    "kick_out back_out"
)
# What somebody who leaves it is no longer part of.
LEFT_GROUPS = word_set(
    "job company firm band husband wife team school club church boyfriend girlfriend partner "
    "university college party "
    "group choir army navy position role course programme program board committee industry agency startup"
)
STOPPED_VERBS = frozenset({"stop", "cease", "discontinue", "quit"})
BOOKING_VERBS = word_set("book schedule reserve arrange plan")
FUTURE_WORDS = word_set("tomorrow tonight soon upcoming")
WEEKDAYS = word_set("monday tuesday wednesday thursday friday saturday sunday")
MONTHS = word_set("january february march april may june july august september october november december")
PERIODS = word_set("week weekend month year summer winter spring autumn fall semester term")

# Verbs of a wish, and those that are one after "would".
WISH_VERBS = word_set("wish hope dream long yearn pine crave fantasise fantasize daydream")
WOULD_WISH_VERBS = word_set("love like adore give kill prefer")
# What an assistant can be asked to do in its answers: a wish about these is an instruction.
ANSWER_VERBS = word_set(
    "answer reply respond write speak talk call address use explain keep stop give avoid start be "
    "tell remind "
    "remember format translate summarise summarize end begin"
)
# Requests of the moment: as an imperative they state nothing.
REQUEST_VERBS = word_set(
    "write describe give tell show list explain suggest recommend help find translate proofread "
    "summarise summarize "
    "rewrite rephrase paraphrase draft compose generate create outline compare calculate convert sketch name "
    "guess define analyse analyze brainstorm propose correct fix plan design continue finish complete "
    "teach quiz check look search play strip extract mark spot turn put"
)
STANDING_WORDS = word_set("always never from remember forget note whenever call future every when don't stop")
