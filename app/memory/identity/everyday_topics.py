"""By which phrases an English sentence is about everyday life: contracts, money, tastes, habits, plans.

In a phrase `move!` stands for all forms of a verb, `flat%` for a noun and its plural, `a|b` for either word,
`..` for at most three words, `_det` for a determiner or possessive, and `/x` for the regular expression x.
"""

from collections.abc import Mapping

EVERYDAY_PHRASES: Mapping[str, str] = {
    "phone": (
        "phone|mobile|cell|telephone number; /(?:new|my|his|her|their) number(?: is|'s|:)?; /number is; "
        "call! .. on|at /\\+?\\d; reach! .. at|on /\\+?\\d; /\\+?\\d[\\d ()-]{7,}\\d; text me at|on; "
        "digits transposed; landline; number has changed"
    ),
    "phone_model": (
        "iphone; pixel; galaxy; samsung; new phone; android phone; smartphone; fairphone; oneplus; nokia;"
        " motorola; /phone (?:is|was) (?:a|an); upgraded _det phone; handset"
    ),
    "carrier": (
        "carrier%; vodafone; verizon; t-mobile; o2; orange; network provider; sim card|only; esim; phone "
        "plan|contract; mobile plan|contract|provider; switched networks; ported _det number; roaming; "
        "at&t; phone provider; data plan; mobile network"
    ),
    "internet_provider": ("broadband; internet provider; isp; wifi|wi-fi provider; fibre; fiber; router"),
    "email": (
        "e-mail address; email address; /\\S+@\\S+; /(?:my|his|her|new|work) e-?mail; inbox; e-mail is; gmail"
    ),
    "bank": (
        "bank; banks with; banking; revolut; monzo; barclays; hsbc; current account; checking account; "
        "credit union; santander"
    ),
    "insurance": ("insur\\w+; premium%; deductible; policy with; excess on"),
    "gym": (
        "gym; crossfit; fitness studio|club|centre|center; work! out at; personal trainer; climbing wall|"
        "gym; pilates studio; leisure centre; weights room; lift! weights"
    ),
    "membership": (
        "member of; membership; join! a|the|our .. club|choir|orchestra|society|league|group|band|"
        "library|union; committee; orchestra; choir; /quit (?:the|my) (?:\\w+ )?(?:choir|club|band|"
        "league|orchestra|committee); left the .. choir|club|band|orchestra|league; book club; running "
        "club; sign! up at"
    ),
    "subscription": (
        "subscri\\w+; netflix; spotify; streaming service; cancel! _det .. plan; disney plus; newsletter;"
        " free trial; audible; patreon; prime"
    ),
    "doctor": ("doctor; gp; physician; paediatrician; pediatrician; surgery on; /dr\\.? \\w+"),
    "dentist": ("dentist; dental; orthodontist; filling; teeth cleaned|cleaning; root canal; hygienist"),
    "hobby": (
        "hobby; hobbies; free time; spare time; take! up; took up; pastime; weekends; /(?:do|does|doing|"
        "did) (?:\\w+ )?(?:pottery|yoga|gardening|knitting|photography|painting|climbing|hiking|"
        "birdwatching|baking|woodwork); pottery; gardening; knitting; birdwatching; painting; "
        "photography; woodwork\\w*; crochet; origami; stamp collecting; hik(?:e|es|ed|ing); orchestra; "
        "gave up; give! up; given up; no longer paint!|knit!|climb!"
    ),
    "sport": (
        "/(?:run|runs|running|ran|swim\\w*|swam|climb\\w*|cycl(?:e|es|ing)|row(?:s|ing)|box(?:es|ing)|"
        "ski(?:s|ing)|surf(?:s|ing)?|train(?:s|ed|ing)? for|jog\\w*); marathon; triathlon; tennis; "
        "football; soccer; badminton; squash; volleyball; basketball; judo; karate; rugby; cricket; "
        "hockey; golf course; padel; 10k; parkrun; yoga; gymnastics; bouldering; fencing"
    ),
    "plays": (
        "/play(?:s|ed|ing)? (?:\\w+ ){0,3}?(?:piano|guitar|violin|viola|cello|flute|drums?|bass|"
        "saxophone|sax|clarinet|trumpet|trombone|banjo|ukulele|harp|oboe|organ|accordion|keyboard|horn|"
        "chess|tennis|football|soccer|badminton|squash|hockey|golf|basketball|volleyball|rugby|cricket|"
        "poker|bridge|dnd|games?); instrument; violin; viola; cello; piano; guitar; saxophone; ukulele; "
        "clarinet; trumpet; drum kit; flute"
    ),
    "favourite:drink": (
        "coffee; tea; espresso; latte; cappuccino; matcha; /(?:favou?rite|morning|usual|go-to) (?:\\w+ )"
        "?drink; flat white; cocoa; hot chocolate; chai; kombucha; decaf; smoothie%; caffeine; oat milk; "
        "drink! .. in the morning|every morning; juice; mate in the morning"
    ),
    "answer_style": (
        "/(?:short|long|brief|detailed|concise|shorter|longer|thorough|terse|in-depth|simple|"
        "step-by-step|blunt|direct|precise|plain) (?:\\w+ ){0,3}?(?:answers?|replies|reply|responses?|"
        "explanations?|summar\\w+); answer! me|in|with|briefly|shortly; /(?:answers?|replies|responses?|"
        "explanations?) (?:\\w+ ){0,3}?(?:short|long|brief|concise|detailed|shorter|longer|thorough|to "
        "the point|simple|sentences|bullet|lines|words); keep it|them|answers|replies short|brief|simple;"
        " bullet point%; /(?:two|three|four|few|\\d) (?:or \\w+ )?sentences; go into detail; don't|no|"
        "less waffle!; to the point; tl;dr; reply! with|in|briefly; explain! .. in detail; be (?:more )"
        "?brief|concise|thorough; more|less detail; respond! with|in; walls? of text; skip the .. "
        "preamble"
    ),
    "answer_format": (
        "bullet point%; markdown; table format; as a table|list; numbered list; plain text; headings; "
        "/in (?:json|yaml|tables?|bullets|markdown); emoji%; format! .. answers|replies"
    ),
    "answer_language": (
        "/(?:answer|reply|respond|write|talk|speak)\\w* (?:to )?(?:me |us )?(?:back )?(?:only |always )"
        "?in (?:english|german|french|spanish|italian|portuguese|dutch|polish|swedish|japanese|russian|"
        "turkish|chinese|korean|arabic); answers|replies in english|german|french|spanish|italian|dutch"
    ),
    "answer_tone": (
        "formal tone; informal; casual tone; friendly tone; tone of voice; no jokes; sarcas\\w+; polite; "
        "less formal; more formal; humour in"
    ),
    "operating_system": (
        "linux; ubuntu; fedora; debian; arch linux; macos; mac os; /windows (?:\\d+|xp|vista|machine|"
        "laptop|pc|user); operating system; nixos; mint linux; dual boot!; linux distribution; pop os; "
        "chromeos"
    ),
    "programming_language": (
        "python; javascript; typescript; /rust(?!y)\\b; golang; /(?:in|to|with|learn\\w*|use\\w*|"
        "write\\w*|cod\\w+|program\\w*) (?:go|java|c|swift|ruby|r)\\b; java; kotlin; c\\+\\+; c#; "
        "haskell; elixir; scala; php; perl; programming language; code! in; program! in; clojure; ruby "
        "on rails"
    ),
    "editor": (
        "vs code; vscode; vim; neovim; emacs; intellij; pycharm; /\\bide\\b; text editor; code editor; "
        "sublime text; jetbrains; helix editor; zed editor; cursor editor"
    ),
    "camera": (
        "camera%; nikon; canon; fujifilm; leica; lens; lenses; dslr; mirrorless; sony alpha; polaroid"
    ),
    "laptop": (
        "laptop%; macbook; thinkpad; desktop pc; computer; chromebook; dell xps; framework 13; gaming pc;"
        " surface pro"
    ),
    "notes_app": (
        "obsidian; evernote; notion; onenote; /(?:notes?|note-taking|note taking) (?:app|tool|in)\\b; "
        "take! notes in|with|on; joplin; roam research; logseq; zettelkasten; apple notes; notebook app; "
        "keep! notes"
    ),
    "rent": (
        "/rent(?:s|ed|ing)?(?! (?:a|an|the) (?:car|bike|van|boat|video|film))\\b; landlord raised; "
        "monthly rent; rental price; lease costs"
    ),
    "mortgage": ("mortgage\\w*; remortgag\\w+; home loan; fixed rate; down payment"),
    "budget": ("budget\\w*; spending limit; spend! at most; can spend; spend no more"),
    "savings_goal": (
        "/sav(?:e|es|ed|ing) (?:up )?(?:\\w+ ){0,3}?(?:for|towards?)\\b; savings goal; savings target; "
        "put! aside; nest egg; emergency fund; saved [£€$]"
    ),
    "goal": (
        "/goals?(?! (?:in the|against|scored|difference|keeper))\\b; aim! to|for; want! to .. /(?:become|"
        "learn|run|lose|write|finish|be able|build|start|save|get|reach|read); resolution; target; "
        "determined to; dream of; dreams of; ambition; hope! to; set out to; by the end of the year; "
        "bucket list; gave up on"
    ),
    "plan": (
        "/plan(?:s|ned|ning)?(?! b\\b)\\b; going to; /will (?!not be able)\\w+; intend! to; /(?:call(?:s|"
        "ed|ing)?|cancel\\w*|postpon\\w*|reschedul\\w*|mov(?:e|ed)|push(?:ed)?) (?:\\w+ ){0,4}?(?:off|to "
        "(?:next|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|"
        "may|june|july|august|september|october|november|december|the \\d)); cancel\\w*; postpon\\w+; "
        "reschedul\\w+; booked; look! forward to; next (?:week|month|weekend|year|summer|spring|autumn|"
        "winter); tomorrow; signed up for; called off; fell through"
    ),
    "trip": (
        "/(?<!ego )(?<!power )trips?(?! over); holiday%; vacation%; travel!; travelling; travelled; "
        "traveling; journey; /(?:going|goes|go|went|fly|flies|flying|flew|heading|off) (?:\\w+ )?to "
        "(?!bed|work|sleep|the (?:gym|dentist|doctor|shop)|be|have|try|see|buy|start|get|move|do|make|"
        "school)\\w+(?= (?:in|for|on|next|this|with|from|last)\\b); city break; backpack\\w+; itinerary; "
        "road trip; weekend in; week in; honeymoon; cruise; interrail; airbnb; visit! (?!the (?:dentist|"
        "doctor))\\w+ in"
    ),
    "flight": (
        "flight%; fly! to|out|home|back|from; flew to|out|home|back|from; airport; boarding; departure; "
        "depart!; layover; plane; gate closes; red-eye; airline"
    ),
    "booking": (
        "/book(?:s|ed|ing) (?!club|shop|read)\\w+; reservation%; reserv(?:e|ed|es|ing) a; hotel; table "
        "for; tickets for|to; booking%; deposit paid; airbnb"
    ),
    "appointment": (
        "appointment%; check-up; checkup; consultation; /(?:see|seeing|saw|visit\\w*|at|to|with) (?:my|"
        "the|a|his|her|their) (?:new )?(?:dentist|doctor|gp|physio|optician|therapist|hairdresser|vet|"
        "dermatologist|specialist|midwife|solicitor|barber); dentist; scan on|at|is|for; haircut; blood "
        "test; vaccination; mri; jab; /slot (?:on|at); physio session"
    ),
    "meeting": (
        "meeting%; /meet(?:s|ing)? (?:\\w+ ){0,3}?(?:on|at|next|tomorrow|with|for)\\b; interview%; call "
        "with; /catch[ -]?up with; zoom call; stand-up; lunch with; dinner with; conference; coffee with"
    ),
    "wedding": (
        "wedding%; getting married; get! married; got married; /marry(?:ing)?; tie! the knot; ceremony; "
        "bride; groom; registry office; save-the-date; bridesmaid%; best man"
    ),
    "wedding_date": (
        "/wedding (?:\\w+ ){0,3}?(?:is|on|in|date|moved|set|for); getting married on|in; married on; "
        "date for the wedding"
    ),
    "due_date": (
        "/due (?:on|in|date|around|at the|early|late); baby .. due; expecting a|our|their|her|twins|in; "
        "pregnant; /weeks (?:pregnant|along); ultrasound; trimester"
    ),
    "exam": (
        "exam%; driving test; /test (?:on|in|next|results?); finals; resit; ielts; toefl; midterm%; bar "
        "exam; viva"
    ),
    "event": (
        "concert; party; festival; marathon; race; gig; conference; recital; exhibition; celebration; "
        "anniversary; graduation; tournament; ceremony; half-marathon; 10k"
    ),
    "commute": (
        "commut\\w+; /(?:cycle|cycles|walk|walks|drive|drives|ride|bike|bikes) (?:\\w+ )?to (?:work|the "
        "office|school|uni); train to work; bus to work; journey to work; /\\d+ ?(?:km|miles|minutes) "
        "(?:\\w+ )?(?:to work|to the office|each way|commute); way to work; tram to work"
    ),
    "children_count": (
        "/(?:has|have|had|got|raising|of|with|our|are|now|number) (?:\\w+ ){0,2}?(?:one|two|three|four|"
        "five|six|seven|\\d|no) (?:\\w+ ){0,2}?(?:kids?|child(?:ren)?|sons?|daughters?|boys|girls|little "
        "ones); /(?:second|third|fourth|fifth|another|new) (?:child|baby|son|daughter|kid|grandchild); "
        "/(?:mum|mom|dad|mother|father|family|parents?) of (?:\\w+ )?(?:one|two|three|four|five|six|\\d);"
        " gave birth; baby .. born; number of children; became a father|mother|dad|mum|mom|parent; new "
        "baby; baby arrived; newborn; no children|kids; was born; only child"
    ),
    "books_read": (
        "/(?:read|finished|reading|through|at|on) (?:\\w+ ){0,4}?(?:book|novel)s?; /\\d+(?:st|nd|rd|th)? "
        "(?:book|novel)s?; books .. this year; books so far; reading challenge|goal; goodreads; reading "
        "tally"
    ),
    "steps": ("steps a day|today|daily|per; /[\\d,]+ steps; step count|goal; pedometer"),
    "running_distance": (
        "/(?:run|runs|ran|running|jog\\w*) (?:\\w+ ){0,3}?\\d+(?:\\.\\d+)? ?(?:k|km|miles?|kilomet\\w+)"
        "\\b; weekly mileage; long run; longest run; km a week; miles a week; /\\d+ ?(?:k|km|miles?) "
        "(?:run|a week|per week|every)"
    ),
    "best_time": (
        "personal best; /\\bpb\\b; best time; personal record; /(?:in|ran|finish\\w*|clock\\w*|time) "
        "(?:\\w+ ){0,4}?\\d{1,2}:\\d\\d(?::\\d\\d)?(?= |\\.|$|,); new record; fastest; sub-\\w+; "
        "finishing time; shaved"
    ),
    "score": (
        "scor(?:e|es|ed|ing) (?:\\w+ )?\\d; score%; rating; elo; /\\d+ points; high score; grade; marks in"
    ),
    "likes": (
        "lik(?:e|es|ed|ing) (?!to know|this|that|it)\\w+; love!; enjoy!; fan of; fond of; adore!; /(?:is|"
        "am|i'm|really|got|gets|getting|totally|much) into\\b; keen on; can't get enough; obsess\\w+; "
        "favou?rite%; passionate; gone off; went off; crazy about; prefer!"
    ),
    "dislikes": (
        "/(?:do|does|did)(?:n't| not) (?:really |much |even )?(?:like|enjoy|care for)\\b; hate!; "
        "dislike!; can't stand; cannot stand; detest!; gone off; not a fan; loathe!; sick of; tired of; "
        "fed up with; avoid!; /not (?:into|keen)\\b; went off"
    ),
    "savings": ("savings; /saved (?:up )?(?:\\w+ )?[£€$\\d]; nest egg; savings account; put! away"),
    "debt": ("debt%; /loans?; owe!; credit card balance; paid off; pay! off; overdraft"),
    "routine": (
        "every morning|evening|night|day|week; routine; on mondays|tuesdays|wednesdays|thursdays|fridays|"
        "saturdays|sundays; /(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?(?: nights?| "
        "evenings?| mornings?)? (?:are|is|used to be); before breakfast; usually; habit; daily"
    ),
    "lives_with": (
        "live! with; household; roommate%; flatmate%; housemate%; move! in with; moved in with; shares a "
        "flat|house with; lives alone; moved in together; living with"
    ),
    "housing": (
        "/(?:studio|one-bedroom|two-bedroom|three-bedroom|bedsit|bungalow|houseboat|terraced|"
        "semi-detached|detached); flatshare; bedrooms"
    ),
    "favourite": ("favou?rite%; /prefers? \\w+"),
    "instruction": (
        "/(?:please )?(?:always|never|don't|do not) (?:ask|use|call|send|suggest|write|mention|answer|"
        "reply|include|add); from now on; remember that|to|this; whenever i"
    ),
    "timezone": ("time zone; timezone; utc; gmt; cet; est; pst"),
    "hair": ("hair; haircut; dyed; beard; bald; curls"),
    "visited": ("visit!; been to; went to; travelled to; traveled to; trip to"),
    "achievement": (
        "achiev\\w+; award; won; medal; finish! a|the|my; complet!; passed; graduat!; milestone; first "
        "place; trophy"
    ),
    "volunteers_at": ("volunteer!; charity; shelter; soup kitchen; food bank"),
    "supports": (
        "support! .. /(?:united|city|fc|team|arsenal|chelsea|liverpool|celtic|rangers|milan|madrid|"
        "barcelona); season ticket; fan of .. fc; football fan"
    ),
    "reading": (
        "/read(?:s|ing)(?! (?:about|glasses|list|challenge))\\b; current book; halfway through; novel by;"
        " book by; finished reading; book club pick"
    ),
    "watching": ("watch! .. series|show|season; binge!; episode%; season \\d; box set"),
}
