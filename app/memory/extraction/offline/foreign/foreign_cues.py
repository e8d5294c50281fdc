"""Words of other languages by which a sentence is kept or left: who it is about, and how it is put forward.

Each pattern holds the words of all languages in Latin script, and the characters of the others: a word that
means something else in another language is left out, or kept where a sentence too few does less harm.
"""

import re

from app.memory.text.stop_words import any_word_of


def _or_characters(words: re.Pattern[str], characters: str) -> re.Pattern[str]:
    return re.compile(f"{words.pattern}|{characters}", re.IGNORECASE)


# "I", "me", "my", "we", "our", and verbs whose form says so.
FIRST_PERSON = _or_characters(
    any_word_of(
        r"""
        ich mich mir mein\w* wir uns unser\w* je j me moi mon ma mes nous notre nos yo mi mis mí nosotr[oa]s
        nuestr[oa]s? soy estoy tengo vivo trabajo voy llamo nací io mio mia miei mie noi nostr[oaie] sono ho
        abito lavoro faccio vado vengo odio adoro preferisco mangio bevo eu meu minha meus minhas nós
        noss[oa]s? sou estou tenho moro trabalho gosto vou nasci prefiero prefiro ik mij mijn m'n wij we ons
        onze ja mnie mój moja moje mojej mojego moim moich mam jestem jag mig mej min mitt mina vi vår vårt
        våra jeg meg mit mine vores ben bana beni benim bize bizim \w{3,}(?:yorum|yoruz|[ıiuü]m|d[ıiuü]k)
        \w{3,}(?:uję|ę|łem|łam) mieszkam gram czytam wolę hemos tenemos vivimos somos abbiamo siamo viviamo
        moramos temos vivemos avons habitons sommes
        """
    ),
    r"[我咱俺]|わたし|私|僕|ぼく|自分|うち[はの]|저[는의도희를]|제[가 ]|나[는의도를]|내[가 ]|우리|\b(?:я"
    r"|меня|мне|мной|мо[йяиёе]|моего|моей|моих|мою|мы|нас|нам|наш\w*)\b|\b(?:أنا|لي|عندي|لدي|اسمي|أعيش|أعمل"
    r"|أحب|أسكن|زوجتي|زوجي|ابني|ابنتي|نحن)\b|\b(?:εγώ|μου|εμένα|είμαι|έχω|μένω|δουλεύω|εμείς|μας|με λένε)\b"
    r"|\b(?:אני|שלי|לי|אנחנו|שלנו|אשתי|בעלי|בני|בתי)\b|मैं|मेर[ाीे]|मुझे|हम|हमार|ผม|ฉัน|ดิฉัน|เรา",
)
# Japanese and Korean leave "I" out; these are told of oneself.
UNSAID_FIRST_PERSON = re.compile(
    r"住んで|暮らし|働いて|勤めて|アレルギー|好き|嫌い|苦手|生まれ|結婚|離婚|飼って|通って|習って|勉強して"
    r"|引っ越|転職|辞め|始め|食べ(?:ない|ません|られ)|飲(?:まない|みません)|살아|살고|삽니다|일해|일하|다녀"
    r"|다니|알레르기|좋아|싫어|못 먹|안 먹|결혼|이혼|키우|키워|이사|그만두|시작했|배우고"
)
# Persons by relation, and animals at home: a statement about one of them is worth keeping.
RELATIVES = _or_characters(
    any_word_of(
        r"""
        mutter vater eltern bruder schwester tochter sohn kinder frau mann freundin freund oma opa katze
        hund chef mère père parents frère soeur sœur fille fils enfants femme mari copine copain chien chat
        grand-mère madre padre padres hermano hermana hija hijo hijos mujer esposa marido novia novio perro
        gato abuela abuelo genitori fratello sorella figlia figlio figli moglie marito fidanzata fidanzato
        cane gatto nonna nonno mãe pai pais irmão irmã filha filho filhos namorada namorado cão cachorro avó
        avô moeder vader ouders broer zus dochter zoon kinderen vriendin vriend hond kat matka ojciec
        rodzice brat siostra córka syn dzieci żona mąż pies kot mamma pappa föräldrar bror syster dotter
        barn fru make katt foreldre datter sønn kone annem babam kardeşim kızım oğlum eşim karım kocam
        """
    ),
    r"妈|媽|爸|哥|弟|姐|妹|儿子|兒子|女儿|女兒|妻子|丈夫|老婆|老公|父|母|兄|姉|息子|娘|夫|猫|犬|狗|엄마"
    r"|아빠|아들|딸|아내|남편|동생|고양이|\b(?:мать|мама|отец|папа|брат|сестра|сын|дочь|жена|муж|кот"
    r"|собака)\b",
)
PREFERENCE = _or_characters(
    any_word_of(
        r"""
        mag liebe gerne? lieber hasse lieblings\w* bevorzuge aime adore déteste préfèr\w* préféré\w* gustan?
        encantan? odio prefiero favorit[oa]s? piacciono piace adoro preferisco preferit[oaie] detesto gosto
        prefiro odeio houd hou liever favoriete? haat lubię uwielbiam kocham nienawidzę wolę ulubion\w+
        gillar älskar hatar föredrar favorit\w* liker elsker hader hater foretrekker foretrækker yndlings\w*
        seviyorum sevmiyorum severim
        """
    ),
    r"喜欢|喜歡|爱(?:吃|喝|看|听)|讨厌|討厭|最爱|好き|嫌い|苦手|좋아|싫어|\b(?:люблю|нравится|нравятся"
    r"|ненавижу|обожаю|предпочитаю|любим\w+)\b|أحب|أكره|أفضل|αγαπώ|μου αρέσ|μισώ|אוהב|שונא|पसंद|ชอบ|เกลียด",
)
# What happened, or will: words of time, and perfect tenses.
EVENT = _or_characters(
    any_word_of(
        r"""
        gestern vorgestern morgen übermorgen letzte[nrs]? nächste[nrs]? (?:habe|haben|bin|sind)_\w+_.*ge\w+t
        hier demain dernière? prochaine? ai_\w+é ayer mañana pasad[oa] próxim[oa] ieri domani scors[oa]
        prossim[oa] ontem amanhã passad[oa] gisteren vorige? afgelopen volgende? wczoraj jutro zeszł\w+
        przyszł\w+ igår i_går imorgon i_morgon i_morgen dün yarın geçen gelecek
        """
    ),
    r"昨天|明天|上周|下周|上个月|下个月|去年|明年|昨日|明日|先週|来週|先月|来月|어제|내일|지난|다음 (?:주"
    r"|달)|\b(?:вчера|завтра|прошл\w+|следующ\w+)\b|أمس|غدا|χθες|αύριο|אתמול|מחר|कल|เมื่อวาน|พรุ่งนี้",
)

# --- What is not put forward as true -----------------------------------------------------------------------
QUESTION = re.compile(
    r"[?\uff1f\u061f][\"')\]]*$|吗[。！]?$|呢[。！]?$|ですか[。！]?$|ますか[。！]?$|까요?[.!]?$|^(?:wer|was"
    r"|wo|wie|wann|warum|wieso|welche\w*|kannst du|können sie|qui|où|quand|comment|pourquoi|quel\w*"
    r"|est-ce que|peux-tu|pouvez-vous|quién|qué|dónde|cómo|cuándo|por qué|puedes|podrías|chi|dove|quando"
    r"|perché|come (?:si|posso|faccio)|puoi|potresti|quem|onde|como (?:posso|faço)|podes|poderia|waar"
    r"|waarom|hoe|kun je|kan je|gdzie|jak|kiedy|dlaczego|czy|var(?:för)? |hur|kan du|hvor|hvordan|hvorfor"
    r"|nasıl|nerede|neden)\b",
    re.IGNORECASE,
)
# Asks for something: a request is no statement, unless it is to be remembered or always kept to.
REQUEST = re.compile(
    r"^(?:bitte|schreib\w*|gib|zeig\w*|erkläre?|hilf|nenne?|sag mir|such\w*|mach\w* mir|empfiehl|s'il (?:te"
    r"|vous) pla[iî]t|écris|donne\w*|montre\w*|explique\w*|aide\w*|dis-moi|fais|recommande\w*|por favor"
    r"|escrib\w+|dame|deme|muéstra\w+|explica\w*|ayúda\w+|dime|haz\w*|recomiénda\w+|per favore|scrivi|dammi"
    r"|mostra\w*|spiega\w*|aiuta\w*|dimmi|fammi|consiglia\w*|escreva?|escreve|me (?:dá|dê|ajud\w+)|dê-me"
    r"|mostre|explique|ajude\w*|diga|faça|recomende|schrijf|geef|toon|leg uit|help|vertel|maak|napisz|podaj"
    r"|pokaż|wyjaśnij|pomóż|powiedz|zrób|poleć|skriv|ge mig|gi meg|giv mig|visa|vis|förklara|forklar|hjälp"
    r"|hjelp|hjælp|berätta|yaz|ver|göster|açıkla|yardım)\b|请|請|帮我|幫我|ください|下さい|お願い|주세요"
    r"|해줘|알려|пожалуйста|напиши|объясни|покажи|помоги|расскажи|من فضلك|اكتب|παρακαλώ|בבקשה|कृपया|กรุณา"
    r"|ช่วย",
    re.IGNORECASE,
)
REMEMBER = re.compile(
    r"^(?:bitte )?(?:merk\w* dir|denk\w* daran|vergiss nicht|n'oublie\w* pas|souviens-toi|retiens"
    r"|note\w* que|recuerda\w*|no olvides|ten en cuenta|ricorda\w*|non dimenticare|tieni presente|lembr\w+"
    r"|não (?:se )?esqueças?|onthoud|vergeet niet|pamiętaj|zapamiętaj|zapisz|kom ihåg|glöm inte|husk"
    r"|glem ikke|unutma)\b|记住|記住|请记|覚えて|기억해|запомни|не забудь",
    re.IGNORECASE,
)
ALWAYS = _or_characters(
    any_word_of(
        r"""
        immer ab_jetzt künftig toujours désormais dorénavant siempre de_ahora_en_adelante sempre
        d'ora_in_poi a_partir_de_agora altijd voortaan zawsze od_teraz alltid fra_nå_av fra_nu_af framöver
        her_zaman bundan_sonra nenn_mich nennt_mich appelle-moi appelez-moi tutoie-moi llámame chiamami
        me_chame noem_me mów_mi kalla_mig kald_mig kall_meg
        """
    ),
    r"总是|總是|以后|叫我|いつも|これから|と呼んで|항상|앞으로|всегда|называй меня|دائما",
)
# From here to the end of the turn nothing is told: material to work on, or a world that is imagined.
OPENS_MATERIAL = re.compile(
    r"\b(?:übersetz(?:e|en|t|ung)?|korrigier(?:e|en|t)?|fasse? .{0,40}zusammen|zusammenfass\w+|lektorier\w*"
    r"|traduis|tradui(?:re|t)|traductions?|traduisez|corrig(?:e|er|ez)|résum(?:e|er|ez|é)|tradu(?:ce|cir"
    r"|zca|cción)|tradúce\w*|corregir?|correg\w+|resum(?:e|ir|en)|traduci|tradur(?:re|mi)|traduzione"
    r"|corregg\w+|riassum\w+|traduz\w*|tradução|corrij\w+|corrigir|vertaal\w*|vertalen|vertaling|corrigeer"
    r"|vat .{0,40}samen|przetłumacz\w*|tłumaczenie|popraw|streść|översätt\w*|rätta|sammanfatta|oversæt\w*"
    r"|oversett\w*|çevir\w*|düzelt|özetle|translate|translation|proofread|summari[sz]e|rewrite|rephrase"
    r"|correct (?:this|the)|paraphrase)\b|翻译|翻譯|校对|润色|总结|翻訳|訳して|添削|要約|번역|교정|요약"
    r"|перев(?:еди|едите|ести|од)|исправь|перескажи|ترجم|لخص|μετάφρασ|תרגם|अनुवाद|แปล",
    re.IGNORECASE,
)
NEED = any_word_of(
    "brauche bräuchte besoin necesito bisogno preciso nodig potrzebuję behöver trenger brug_for lazım need"
)
OPENS_IMAGINED = re.compile(
    r"\b(?:angenommen|stell\w* dir vor|nehmen wir an|gesetzt den fall|in meinem (?:roman|traum)"
    r"|imagine[zr]?|imaginons|supposons|suppose que|mettons que|dans mon (?:roman|rêve)|imagina|imaginemos"
    r"|supongamos|supón|digamos que|en mi (?:novela|sueño)|immagina\w*|mettiamo che|supponiamo"
    r"|facciamo finta|nel mio (?:romanzo|sogno)|imagine|suponha\w*|vamos supor|no meu (?:romance|sonho)"
    r"|stel (?:je voor|dat)|in mijn (?:roman|droom)|wyobraź|załóżmy|w mojej powieści|tänk dig|anta att"
    r"|låtsas|tenk deg|forestil dig|sett at|lad os sige|farz et\w*|diyelim ki|hayal et\w*|rollenspiel"
    r"|jeu de rôle)\b|想象|想像|假设|假如|假設|仮に|想像して|가정|상상|представь|допустим|предположим|تخيل"
    r"|لنفترض|φαντάσου|ας πούμε|דמיין|נניח",
    re.IGNORECASE,
)
HYPOTHETICAL = re.compile(
    r"^(?:wenn|falls|sofern|si|s'il|se|qualora|caso|als ik|indien|jeśli|jeżeli|gdyby\w*|om jag|hvis|dersom"
    r"|eğer|keşke|ojalá|oxalá|magari)\b|\b(?:hätte|wäre|würde|könnte|wünschte|sollte ich|aurais|serais"
    r"|voudrais|pourrais|j'irais|si j'|si je|tuviera|fuera|sería|tendría|viviera|pudiera|gustaría|quisiera"
    r"|avessi|fossi|avrei|sarei|potrei|vorrei|tivesse|fosse|seria|teria|gostaria|zou(?:den)?|byłbym|byłabym"
    r"|miałbym|miałabym|chciałbym|chciałabym|skulle|ville ønske|isterdim|olsaydım|olsam|belki|vielleicht"
    r"|peut-être|quizás?|tal vez|forse|talvez|misschien|może|kanske|kanskje|måske)\b|如果|要是|也许|可能"
    r"|もし|たら、|なら、|かもしれ|만약|라면|아마|\b(?:если|бы|может быть|хотелось|наверное)\b|لو |ربما|إذا"
    r"|\b(?:αν|ίσως|θα ήθελα)\b|אם |אולי|अगर|शायद|ถ้า|อาจ",
    re.IGNORECASE,
)
REPORTED = re.compile(
    r"\b(?:sagt|sagte|meint|meinte|behauptet\w*|erzählt\w*|laut (?:meine[mr]|de[mr])|angeblich|hat gesagt"
    r"|dit|disait|affirme|prétend|raconte|selon|a dit|dice|dijo|dicen|afirma|cuenta que|según|ha detto"
    r"|dicono|sostiene|secondo (?:il|la|lui|lei|mi[oa])|disse|diz|dizem|contou|segundo (?:o|a|ele|ela|meu"
    r"|minha)|zegt|zei|beweert|volgens|mówi|powiedział\w*|twierdzi|podobno|według|säger|sade|sa att|påstår"
    r"|enligt|siger|sagde|sier|ifølge|diyor|dedi|söyled\w+)\b|[说說](?:我|他|她|，|,|:|：)|据说|と言って"
    r"|と言った|らしい|そうです|라고|대요|\b(?:говорит|сказал\w*|утверждает|мол|по словам)\b|قال|يقول|λέει"
    r"|είπε|אומר|אמר",
    re.IGNORECASE,
)
JOKE = re.compile(
    r"\b(?:scherz|spaß beiseite|nur spaß|quatsch|je plaisante|je rigole|je déconne|es broma|era broma"
    r"|estoy bromeando|scherz[oa]\w*|sto scherzando|brincadeira|brincando|grapje|geintje|żart\w*|skojar"
    r"|skämtar|skoja\w*|spøk\w*|tuller|şaka\w*)\b|开玩笑|開玩笑|冗談|농담|шучу|шутка|أمزح",
    re.IGNORECASE,
)
# Told of a moment, and over by the next conversation.
MOMENTARY = re.compile(
    r"\b(?:müde|hunger|hungrig|durst|gelangweilt|langweilig|fatigué\w*|faim|soif|sommeil|ennuie|cansad[oa]"
    r"|hambre|sed|sueño|aburrid[oa]|stanc[oa]|fame|ho sete|sonno|annoio|com (?:fome|sede|sono)|moe|honger"
    r"|dorst|zmęczon[ya]|głodn[ya]|trött|træt|sulten|trøtt|yorgun\w*|açım|freue mich)\b|累了|饿了|困了|疲れ"
    r"|お腹(?:が|す)|眠い|피곤|배고|졸려|\b(?:устал\w*|голод\w*)\b",
    re.IGNORECASE,
)
# A short sentence with one of these is thanks or an answer.
ACKNOWLEDGEMENT = re.compile(
    r"\b(?:danke|verstehe|weiß|klar|genau|stimmt|super|toll|merci|sais|comprends|d'accord|désolée?|gracias"
    r"|entiendo|siento|alegro|vale|perfecto|grazie|capito|dispiace|perfetto|obrigad[oa]|entendo|desculp\w+"
    r"|claro|bedankt|dank|begrijp|snap|sorry|dziękuję|rozumiem|przepraszam|tack|förstår|förlåt|takk?"
    r"|forstår|teşekkür\w*|anladım|tamam|спасибо|понял\w*|понятно|ευχαριστώ)\b|谢谢|謝謝|明白|知道了"
    r"|ありがとう|わかりました|了解|감사|고마|알겠|شكرا|תודה|धन्यवाद|ขอบคุณ",
    re.IGNORECASE,
)
QUOTED = re.compile(r"\"[^\"]{12,}\"|「[^」]{6,}」|『[^』]{6,}』")

# --- Strict slots ------------------------------------------------------------------------------------------
_CAPITAL = "[A-ZÀ-ÞŁŚŻÖÄÜÅØÆÇŞİ]"
_NAME = rf"(?P<name>[^\W\d_][^\W\d_]+(?:[ '-]{_CAPITAL}[^\W\d_]+)?)"
_PLACE = rf"(?P<place>{_CAPITAL}[^\W\d_]+(?:[ -](?:{_CAPITAL}[^\W\d_]+|am|an der|sur|de|del|do|della))*)"
_ENDS = (
    r"(?=\s*(?:[.,;!)]|$"
    r"|(?:und|et|y|e|en|og|och|i|ve|seit|depuis|desde|da|sinds|sedan|siden|mit|avec|con|com|met|med)\b))"
)
NAME_PATTERNS = (
    re.compile(
        r"\b(?i:ich heiße|ich heisse|mein name ist|je m'appelle|mon nom est|me llamo|mi nombre es|mi chiamo"
        r"|il mio nome è|(?:eu )?me chamo|chamo-me|(?:o )?meu nome é|ik heet|mijn naam is|nazywam się"
        r"|mam na imię|jag heter|mitt namn är"
        r"|jeg hedder|jeg heter|mit navn er|benim adım|adım) " + _NAME + _ENDS
    ),
    re.compile(r"我(?:叫|的名字是|的名字叫)(?P<name>[\u4e00-\u9fff]{1,4})(?=[,，。！!]|$)"),
    re.compile(r"私の名前は(?P<name>[\u3040-\u30ff\u4e00-\u9fff]{1,8}?)(?=です|で、|で,|と申|。|$)"),
    re.compile(r"(?:제 이름은|저는) (?P<name>[\uac00-\ud7af]{2,4}?)(?=입니다|이에요|예요|이고)"),
    re.compile(r"(?i:меня зовут) (?P<name>[А-ЯЁ][а-яё]+)(?=[\s,.!]|$)"),
)
RESIDENCE_PATTERNS = (
    re.compile(
        r"\b(?i:ich (?:wohne|lebe)(?: (?:jetzt|derzeit))? in|ich heiße \w+ und (?:wohne|lebe) in"
        r"|j'habite(?: maintenant)? (?:à|au|en)|je vis (?:à|au|en)|(?:yo )?(?:ahora )?vivo en"
        r"|(?:io )?(?:ora )?(?:abito|vivo) (?:a|in)|(?:eu )?(?:agora )?moro (?:em|no|na)"
        r"|ik woon(?: nu)? in|jag bor(?: nu)? i|jeg bor(?: nå| nu)? i) " + _PLACE + _ENDS
    ),
    re.compile(r"我(?:现在|現在)?住在(?P<place>[\u4e00-\u9fff]{2,6}?)(?=[,，。！!]|$)"),
    re.compile(r"(?:私は|^|で[、,])(?:今)?(?P<place>[\u30a0-\u30ff\u4e00-\u9fff]{2,6})に住んでい(?:ます|る)"),
)
