"""By which phrases an English sentence is about an attribute of a person: home, work, people, health.

In a phrase `move!` stands for all forms of a verb, `flat%` for a noun and its plural, `a|b` for either word,
`..` for at most three words, `_det` for a determiner or possessive, and `/x` for the regular expression x.
"""

from collections.abc import Mapping

_JOB_END = (
    "laid off; /ma(?:k|d)e (?:\\w+ ){0,5}?redundant; /fired(?!\\s+(?:up|the|a)\\b); sacked; "
    "redundancy; let go from|by; retire!; resign!; /quit(?:s|ting)? _det .. job; lost _det .. "
    "job; /quit(?:s|ting)? _det job; hand! in _det notice; give! notice; gave notice; "
    "unemployed; between jobs; out of work; last day at; leave! _det .. job; left _det .. job|"
    "company|firm; out of a job; job hunting; looking for a .. job; no longer|anymore work! at|"
    "for; does|do not work at|for; step! down as; /quit(?:s|ting)? work"
)
_ALIVE = (
    "die!; died; passed away; passed on; dead; deceased; funeral; /put(?:ting)? .. to sleep; /put .. "
    "down; death; is gone; lost _det .. dog|cat|mother|father|grandfather|grandmother"
)

PERSONAL_PHRASES: Mapping[str, str] = {
    "residence": (
        "/liv(?:e|es|ed|ing) (?:\\w+ ){0,3}?(?:in|at|near|by|on|outside|above|here|there|between|"
        "around)\\b; reside!; residence; residing; /mov(?:e|es|ed|ing) (?:(?:just|recently|back|"
        "over|out|down|up|all|finally|again|away|straight|permanently) ){0,2}(?:to|into|in|back|"
        "out|away|from|house|home|here|there|abroad|flats?|apartments?|across)\\b(?! (?:a |the |"
        "his |her |my )?(?:new )?(?:\\w+ )?(?:project|team|role|position|department))(?! on\\b)(?! "
        "project)(?! (?:mon|tues|wednes|thurs|fri|satur|sun)day)(?! (?:next|january|february|march|"
        "april|may|june|july|august|september|october|november|december|tears|first|second|later)"
        "\\b)(?! the \\d); relocate!; settle! in|into|down; settling in; resettle!; based in|out; "
        "new place|flat|apartment|house|home|pad; flat|apartment|house|cottage|bungalow|studio|"
        "condo|loft|townhouse in|near|on|by; /(?:_det) (?:little |new |old |own |big |small |tiny |"
        "rented |lovely ){0,2}(?:flat|apartment|house|cottage|bungalow|condo|townhouse)s?; "
        "neighbourhood; neighborhood; lease; keys to|for; hand! back .. keys; /keys (?:back|over); "
        "home in|is|town to; house hunting; tenancy; landlord; landlady; /unpack(?:ed|ing)?(?: "
        "(?:\\w+ ){0,3}box(?:es)?)?; boxes everywhere; move! house; /rent(?:s|ed|ing)? (?:a|an|"
        "_det) (?:\\w+ ){0,2}(?:flat|apartment|house|room|place|studio); buy|bought|sold|selling "
        "_det .. house|flat|apartment|home; sublet!; lodge!; /immigrat(?:e|es|ed|ing); "
        "/emigrat(?:e|es|ed|ing); home address; lives alone; lives with; live! with; town where .. "
        "live!; return! to live; /(?:we|i|they|has|have|had|just|finally|user) mov(?:ed|ing)"
        "(?=[.,!]|$| (?:last|this) (?:week|month|year|weekend)); new neighbours|neighbors; "
        "housewarming; back home in|to; call! .. home"
    ),
    "staying_at": (
        "stay! at|with|in; crash! at|on|with; temporarily in|at|with|living; house-sit!; couch surf!; "
        "sofa; spare room; for the time being"
    ),
    "address": (
        "address; postcode; zip code; street; /\\d+\\w? (?:\\w+ ){1,2}(?:street|st|road|rd|close|avenue|"
        "ave|lane|drive|way|court|terrace|place|crescent)"
    ),
    "origin": (
        "/(?:is|am|i'm|are|was|originally|come|comes|hail|hails|came) (?:originally )?from(?! (?:work|"
        "the (?:doctor|dentist|gym|shop)))\\b; grow! up; grew up; /raised in; hometown; home town; "
        "native of; born and raised; birthplace; home country"
    ),
    "birthplace": ("born in|at; birthplace; place of birth"),
    "birthday": (
        "birthday; born on; date of birth; /turn(?:s|ed|ing)? \\d{1,3}; /born (?:in )?(?:on )?(?:the )"
        "?\\d; birth date; /was born\\b"
    ),
    "age": (
        "/\\d{1,3}[ -]years?[ -]old; /turn(?:s|ed|ing)? (?:\\d{1,3}|thirty|forty|fifty|sixty|seventy|"
        "eighty); /(?:is|am|i'm) (?:now )?\\d{1,3}(?:\\.|,|$| now| and); aged \\d; _det age; /(?:in|into)"
        " (?:my|his|her|their) (?:early |mid |late )?(?:twenties|thirties|forties|fifties|sixties|"
        "seventies)"
    ),
    "name": (
        "/(?:my|his|her|their|full|real|first|last|maiden) name; /name(?:'s| is| was); is|are|was called;"
        " /named(?! (?:after|for))\\b; surname; change! _det name; take! _det .. name; took _det .. name"
    ),
    "nickname": (
        "call me; /call(?:s|ed)? (?:him|her|them|me); nickname; go! by; goes by; addressed as; known as"
    ),
    "pronouns": ("pronoun%; they/them; she/her; he/him"),
    "nationality": (
        "citizen%; citizenship; nationality; passport; naturalised|naturalized; permanent resident"
    ),
    "speaks": (
        "speak! .. /(?:fluent(?:ly)?|english|french|german|spanish|italian|portuguese|dutch|polish|"
        "russian|arabic|mandarin|chinese|japanese|korean|hindi|turkish|swedish|danish|norwegian|greek|"
        "welsh|czech|languages?); fluent in; bilingual; native speaker; mother tongue; /speaks? (?!to|"
        "with|at|up|of|about|on|for)\\w+"
    ),
    "religion": (
        "religio\\w*; church|mosque|synagogue|temple; christian; muslim; buddhist; catholic; jewish; "
        "hindu; atheist; pray!; baptis\\w+"
    ),
    "employer": (
        "/work(?:s|ed|ing)? (?:\\w+ ){0,2}?(?:at|for|with)\\b(?! (?:home|night|weekends|the moment|"
        "now|last|once|first|all|least))(?! (?:a|the|an) (?:deadline|desk)); job at|with|offer|"
        "there|here; new job|employer|company|gig; hire!; employ!; employer; /join(?:s|ed|ing)? "
        "(?:the )?(?!(?:gym|club|choir|team|band|class|an?|my|his|her|us|me|in|them)\\b)\\w+; "
        "/start(?:s|ed|ing)? (?:\\w+ ){0,2}?(?:at|with)\\b(?! (?:the )?(?:\\d|noon|nine|gym)); "
        "first day|week|month at; /(?:first|new) (?:day|week) (?:at|of) (?:work|the); /team at; "
        "contract with|at; intern! at; internship; freelance!; self-employed; own business|company;"
        " run! _det own; consultancy; signed with; poach!; workplace; company|firm|startup|"
        "start-up; offer from; boss; colleagues; back at work; parental leave; maternity leave; " + _JOB_END
    ),
    "occupation": (
        "/work(?:s|ed|ing)? as; job; /(?:is|am|i'm|are|became|become|as|being|now|was|a|an) (?:\\w+ )"
        "{0,3}?(?:_occupation)s?(?!'s); job title; promote!; promotion; head|director|vp|manager|lead|"
        "chief of; profession; career; role|position as|of|at; qualified as; train! as; /(?:senior|"
        "junior|lead|chief|principal|deputy|assistant) (?:\\w+ )?(?:_occupation|manager|analyst|engineer|"
        "designer); teach! .. at; teaches|taught; for a living; " + _JOB_END
    ),
    "employment_status": (
        "unemployed; part-time; part time; full-time; full time; freelance!; self-employed; parental|"
        "maternity|paternity|sick leave; sabbatical; back at work; return! to work; notice period; on "
        "leave; probation; " + _JOB_END
    ),
    "department": (
        "department; division; /(?:marketing|sales|finance|hr|legal|design|engineering|accounts|"
        "procurement) (?:department|team|division)"
    ),
    "team": (
        "/(?:on|to|join(?:s|ed|ing)?|lead(?:s|ing)?|led|in) (?:the |a |my |her |his |their |our )(?:new |"
        "\\w+ ){0,2}team(?! for)\\b; team lead; new team; switch! teams"
    ),
    "project": (
        "/(?<!housing )projects?; work! on; codename!; assigned to; kick-off; next up is; knit! a|my; "
        "sew! a|my; build! a|my; quilt!"
    ),
    "work_mode": (
        "remotely; /(?:work(?:s|ing)? |fully |all )remote; work! from home; wfh; hybrid; home office; "
        "/days? (?:a week )?(?:in|at) the office; back in the office; return to office"
    ),
    "salary": (
        "salary; wage%; pay rise|raise|cut; /earn(?:s|ed|ing)? (?:about |around |roughly )?[\\d£€$]; "
        "raise at work; /make(?:s)? [\\d£€$]; income; paid [£€$]; got a raise"
    ),
    "manager": ("boss; manager; supervisor; report! to; line manager; manage! me|him|her"),
    "school": (
        "university; college; /(?:high |primary |secondary |grad |law |medical |night |business )"
        "?school(?!ing); student at; study! at; enrol!; enroll!; campus; graduat!; dropped out; "
        "transferred to; uni; kindergarten; nursery"
    ),
    "field_of_study": (
        "major! in; majoring; /stud(?:y|ies|ied|ying)(?! (?:at|with|for|hard|group))\\b; degree in; phd "
        "in; thesis on; master's in|degree; bachelor's in|degree; specialise!; specialize!; switched "
        "major%; doctorate"
    ),
    "degree": ("degree; phd; master's; bachelor's; diploma; doctorate; mba; graduat!"),
    "learning": (
        "learn! to|how; /learn(?:s|ed|ing|t)? (?!about|that|of|from)\\w+; lessons; take! up; took up; "
        "taken up; beginner%; duolingo; teaching myself"
    ),
    "course": (
        "/(?:evening |cooking |pottery |art |language |yoga |dance )?(?:course|class|classes|lessons|"
        "workshop); sign! up for; enrol!"
    ),
    "partner": (
        "boyfriend; girlfriend; husband; wife; /(?<!business )(?<!sparring )(?<!dance )(?<!climbing )"
        "partner; spouse; fiance; fiancee; fiancé; fiancée; /engaged(?! in)\\b; engagement; marry!; "
        "marri\\w+; wed; wedding; propose! to; proposed(?= (?:to|on|last|in|at|yesterday)); divorce!; "
        "/separated(?! (?:the|egg|into))\\b; split up; /(?:we|they|and \\w+) split; broke up; break! up; "
        "broken up; breakup; break-up; dating; date! a; seeing someone; going out with; together with; "
        "in a relationship; ex-husband; ex-wife; ex-boyfriend; ex-girlfriend; newlyweds; honeymoon; "
        "single again; /(?:is|am|i'm|being|stayed|newly|now|still|happily) single(?! (?:file|malt|room))"
        "\\b; widow!; widower; soulmate; said yes; getting hitched; eloped; dumped; ended things with; "
        "moved in together; call! off the engagement|wedding; parted ways; not together; no longer "
        "together|a couple"
    ),
    "child": (
        "son; daughter; baby; kid%; child; children; toddler; newborn; twins; gave birth; give! birth; "
        "pregnant; adopt! a .. boy|girl|child; stepson; stepdaughter; our .. -year-old; firstborn; "
        "youngest; eldest; oldest; little one; dad|mum|mom|mother|father of; parent of; maternity"
    ),
    "mother": ("/(?:my|his|her|their|\\w+'s) (?:mother|mum|mom|mama|mam); stepmother; parents"),
    "father": ("/(?:my|his|her|their|\\w+'s) (?:father|dad|papa); stepfather; parents"),
    "sibling": ("brother%; sister%; sibling%; twin brother|sister"),
    "pet": (
        "dog%; /cats?; pup; puppy; puppies; kitten%; hamster%; parrot%; budgie%; rabbit%; bunny; "
        "goldfish; tortoise; guinea pig%; /pets?; vet; ferret%; gecko; spaniel; labrador; terrier; "
        "poodle; greyhound; collie; retriever; aquarium; breeder; adopt! a .. from; rehome!; horse; pony;"
        " hen%; animal shelter; lead|leash walk"
    ),
    "life_status": _ALIVE,
    "vehicle": (
        "car; /cars; drive! a|an|_det|to|around; drove a; vehicle; /(?<!delivery )vans?(?! gogh); pickup;"
        " estate; hatchback; suv; electric car; volkswagen; vw; toyota; ford; skoda; audi; bmw; tesla; "
        "honda; mazda; volvo; renault; peugeot; fiat; nissan; hyundai; kia; mercedes; subaru; lexus; "
        "golf gti; mot; garage; carless; car-free; odometer; trade! in; traded in"
    ),
    "bicycle": ("bike%; bicycle%; cycle! to; cycling; e-bike; road bike; saddle; handlebar%"),
    "allergy": ("allerg\\w+; epipen; anaphyla\\w+; hay fever; hives; antihistamine%"),
    "intolerance": (
        "intoleran\\w+; lactose; gluten; coeliac; celiac; cannot tolerate; can't tolerate; can't digest"
    ),
    "health_condition": (
        "diagnos!; diagnosis; asthma; diabet\\w+; arthritis; migraine%; epilep\\w+; depress\\w+; anxiety;"
        " adhd; eczema; hypertension; insomnia; chronic; suffer! from; cancer; remission; illness; "
        "disease; condition called; thyroid; anaemia; anemia; vertigo; flare-up; blood pressure; cured; "
        "autoimmune; pcos; endometriosis; psoriasis; ibs; crohn's; long covid; cholesterol; surgery; "
        "operation on; tumour; tumor"
    ),
    "injury": (
        "/(?:broke|broken|break|fractur\\w*|sprain\\w*|twist\\w*|dislocat\\w*|tore|torn|pulled|bruis\\w+|"
        "hurt|injur\\w+|strain\\w*) (?:\\w+ ){0,3}?(?:arm|leg|wrist|ankle|foot|toe|finger|hand|knee|"
        "shoulder|rib|ribs|hip|back|collarbone|elbow|neck|nose|muscle|hamstring|ligament|acl|meniscus|"
        "tendon|thumb); injur\\w+; fracture%; in a cast; plaster cast; cast off; on crutches; concussion;"
        " physio; physiotherapy; sprain!; stitches; cast came|comes off; surgery; heal!"
    ),
    "health": (
        "off _det food; health; unwell; feel! ill|sick|better|unwell; poorly; recover!; hospital; ill "
        "with; sick with"
    ),
    "medication": (
        "medication%; medicine%; /(?:takes?|taking|took|on|started|stopped|off|prescribed|mg of|came off)"
        " (?:\\w+ ){0,2}?(?:\\d+ ?mg|pills?|tablets?|antibiotics|insulin|ibuprofen|statins?|"
        "antidepressants?|painkillers|ssris?|\\w+(?:line|pril|statin|zole|olol|profen|cillin|mycin|"
        "formin|pine|pam|tine|pram|sartan)); /\\d+ ?mg; dose; dosage; prescri\\w+; inhaler; pill%; "
        "insulin; antidepressant%; painkiller%; supplement%; beta blocker%; taper! off; came off .. "
        "tablets|meds; meds"
    ),
    "diet": (
        "vegetarian; vegan; pescatarian; pescetarian; /(?:eat|eats|eating|ate)(?: (?:\\w+ ){0,3}?(?:meat|"
        "fish|dairy|carbs|sugar|animal|pork|beef|chicken|gluten|plant-based|keto|paleo|halal|kosher|"
        "vegetables)); plant-based; keto; diet; paleo; halal; kosher; gluten-free; dairy-free; low-carb; "
        "intermittent fasting; meat; veganuary; omnivore; flexitarian; give! up meat|sugar|dairy; gave "
        "up meat|sugar|dairy; bacon again"
    ),
    "height": (
        "/\\d ?(?:cm|m|metres|meters|feet|foot|ft|') (?:\\d+ )?(?:tall|high)?(?=.*tall); height; /(?:is|"
        "am|i'm) (?:\\w+ )?tall"
    ),
    "weight": (
        "/weigh(?:s|ed|ing)?; /(?:lost|gained|put on|lose|gain|losing) (?:\\w+ ){0,2}?(?:kilos?|kg|"
        "pounds?|lbs?|stone|weight); body weight; on the scales"
    ),
    "shoe_size": (
        "shoe size; /wears? (?:a )?size \\d; /size \\d+ (?:shoe|feet|boot|trainer)s?; takes a size"
    ),
    "smoking": (
        "smok(?:e|es|ed|ing|er|ers); cigarette%; tobacco; vap(?:e|es|ed|ing); nicotine; roll-ups; a day "
        "habit; packs a day; non-smoker"
    ),
    "drinking": (
        "alcohol; sober; teetotal\\w*; drink! less|alcohol|wine|beer|no|too; wine; beer%; dry january; "
        "stopped drinking; gave up drinking; booze; units a week; pub"
    ),
    "wake_up_time": (
        "wake! up; woke up at|early; waking up; get! up at|early; gets up at|early; gets up; got up at; "
        "alarm; early riser; rise! at; wake! at; up at /\\d"
    ),
}
