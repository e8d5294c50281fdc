"""Words by which a single sentence shows its language: pronouns, articles, forms of "be" and "have", and the
verbs with which people tell about themselves.

The lists for search are longer, but written for texts: a sentence of five words needs words that are frequent
and that few languages share.
"""

from app.memory.text.word_sets import word_set

ENGLISH_PROFILE = word_set(
    """
    i i'm i've i'd i'll me my mine myself we we're we've our us you you're your he he's she she's it
    it's its his her they they're their them this that that's these those there here the a an and or but
    so if because although is isn't are aren't am was wasn't were be been being has have had having
    haven't hasn't do does did don't doesn't didn't will won't would can can't could should might must
    not no of in on at to for from with without about into over after before since until during by as
    than then just now still also too very really never always often again already ago who what when
    where why how which all some any every each another other more most much many few one two three four
    five six seven eight nine ten new old good great last next first live lives lived living work works
    worked working like likes love loves loved hate want wants need needs got get gets go goes going
    went come comes came moved moving bought started met play plays make makes made name named year
    years day days week weeks month months today yesterday tomorrow morning evening night time mother
    father mom mum dad wife husband sister brother son daughter friend friends people home job let's
    said says say told tell think know see saw take took give gave find found thing way use used thanks
    thank please hello hi ok okay yes yeah
    """
)
# Words of other languages that English sentences hold as well, in names and phrases ("van life", "en route").
BORROWED_WORDS = word_set(
    """
    van von en de la le el los las des die den der das du par per vis sur son mon ma pas con al del il
    les lo et san do mi su soy tu ha hat om on dag mar man mor far var min mit hun het dan ben bin war
    se via casa chez como non ergo ciao hola merci danke sous nun bon pies bra sin a ja si mal ta tata
    mama papa ya yo em plus chat ton b c d e i j k l m n o s t w y z å ça sa os as an ok ho no gato tip
    hoe pay com na ein im pan dos una era jest
    """
)
PROFILES: dict[str, frozenset[str]] = {
    "german": word_set(
        """
        ich mich mir mein meine meinen meinem meiner meines wir uns unser unsere unseren du dich dir
        dein deine er sie es ihr ihre ihren ihm der die das den dem des ein eine einen einem einer und
        oder aber weil dass denn wenn ist sind bin bist war waren habe hat haben hatte wird werde werden
        kann muss will möchte soll nicht kein keine keinen nie immer auch noch schon nur sehr in im am
        an auf aus bei mit nach seit von vom zu zum zur für über um vor als wie wo was heute gestern
        morgen jahre jahr alt heiße heißt heisse wohne wohnt lebe arbeite arbeitet mag liebe gern gerne
        hasse esse trinke komme gehe fahre spiele lerne bitte danke hallo gegen wochenende mutter vater
        bruder schwester frau mann sohn tochter kinder hund katze jeden jetzt zwei drei vier fünf sechs
        katzen hunde brüder schwestern vegetarier vegetarierin veganerin veganer
        """
    ),
    "french": word_set(
        """
        je j m mon ma mes moi nous notre nos tu te ton ta tes vous votre il elle ils elles on le la les
        l un une des du de d et ou mais car est es suis sommes sont c était étais j'ai ai as avons ont
        avait à au aux dans en sur avec sans pour par chez depuis pas ne n jamais toujours aussi très
        plus que qu qui quand si où ce cette ces son sa ses leur hier demain aujourd'hui hui ans an
        appelle habite habitons travaille vis aime adore déteste préfère mange bois joue apprends vais
        viens né née mère père frère soeur sœur femme mari fils fille enfants chien chat bonjour merci
        salut s'il plaît tous jours dernier dernière prochain deux trois quatre cinq chats chiens frères
        soeurs végétarien végétarienne
        """
    ),
    "spanish": word_set(
        """
        yo me mi mis mí nosotros nuestro nuestra tú te tu tus él ella ellos usted el la los las un una
        unos unas y o pero porque que es soy somos son era estoy está están he ha hemos han tengo tiene
        tenemos tienen no ni nunca siempre también muy más de del en a al con sin por para desde hasta
        hace como cuando si donde dónde ayer hoy mañana años año llamo llama vivo vive vivimos trabajo
        trabaja gusta gustan encanta odio prefiero bebo juego estudio aprendo voy vengo nací madre padre
        hermano hermana mujer esposa marido hijo hija hijos vegano vegana alérgico alérgica perro perra
        gato gata hola gracias favor este esta ese esa lo le se su sus ya dos cuatro cinco gatos perros
        celíaco celíaca vegetariano vegetariana hermanos hermanas médico enfermera
        """
    ),
    "italian": word_set(
        """
        io mi mio mia miei mie noi nostro nostra tu ti tuo tua lui lei loro il lo la i gli le l un uno
        una e ed o ma perché che è sono sei siamo era ero sto sta ho ha abbiamo hanno hai non mai sempre
        anche molto più di del della dei delle dal dalla da in nel nella a al alla con senza per su sul
        tra fra come quando se dove ieri oggi domani anni anno chiamo chiama abito vivo viviamo lavoro
        lavora piace piacciono adoro odio preferisco mangio bevo gioco studio imparo vado vengo nato
        nata madre padre fratello sorella moglie marito figlio figlia figli cane gatto gatta ciao grazie
        favore questo questa si ci due gatti cani tre quattro cinque celiaca celiaco vegetariano
        vegetariana fratelli sorelle
        """
    ),
    "portuguese": word_set(
        """
        eu me meu minha meus minhas mim nós nosso nossa tu você vocês ele ela eles elas o a os as um uma
        uns umas e ou mas porque que é sou somos são era estou está estão tenho tem temos têm não nem
        nunca sempre também muito mais de do da dos das em no na nos nas ao à com sem por para pelo pela
        desde até há como quando se onde ontem hoje amanhã anos ano chamo chama moro mora moramos vivo
        trabalho trabalha gosto adoro odeio prefiro bebo jogo estudo aprendo vou venho nasci mãe pai
        irmão irmã mulher esposa marido filho filha filhos cachorro cão gato gata olá oi obrigado
        obrigada favor este esta isso já dois duas três quatro cinco gatos cães vegetariano vegetariana
        """
    ),
    "dutch": word_set(
        """
        ik me mij mijn wij we ons onze jij je jouw hij zij ze haar zijn hun het de een en of maar want
        dat die is ben bent was waren heb heeft hebben had hadden word wordt kan moet wil zal niet geen
        nooit altijd ook nog al heel erg in op aan uit bij met naar sinds van voor over om te als hoe
        waar wat vandaag gisteren morgen jaar oud heet woon woont werk werkt houd hou lust eet drink
        speel leer ga kom moeder vader broer zus vrouw man zoon dochter kinderen hond kat graag nu elke
        hallo dank bedankt alstublieft twee drie vier vijf katten honden broers zussen vegetariër
        """
    ),
    "polish": word_set(
        """
        ja mnie mi mój moja moje mojej mojego moim my nas nasz nasza ty cię twój on ona ono oni i a ale
        bo że to jest jestem są był była było mam ma mamy mają nie nigdy zawsze też także bardzo w we na
        z ze do od dla przy po za o jak kiedy jeśli gdzie wczoraj dziś dzisiaj jutro lat lata rok roku
        nazywam imię mieszkam mieszka pracuję pracuje lubię nienawidzę kocham uwielbiam jem piję gram
        uczę idę matka mama ojciec tata brat siostra żona mąż syn córka dzieci pies psa kot kota się już
        proszę dziękuję cześć dwa dwie dwóch trzy cztery koty psy
        """
    ),
    "swedish": word_set(
        """
        jag mig min mitt mina vi oss vår vårt våra du dig din han hon hen den det de dem en ett och
        eller men att som är var varit har hade blir ska vill kan måste inte ingen aldrig alltid också
        mycket i på av till från med utan för hos sedan om när där hur igår idag imorgon år gammal heter
        bor jobbar arbetar gillar älskar tycker hatar äter dricker spelar läser går kommer mamma pappa
        bror syster fru man son dotter barn hund katt nu varje hej tack två fyra fem katter hundar
        """
    ),
    "danish": word_set(
        """
        jeg mig min mit mine vi os vores du dig din han hun den det de dem en et og eller men at som er
        var været har havde bliver skal vil kan må ikke ingen aldrig altid også meget i på af til fra
        med uden for hos siden om når hvor hvordan går igår idag morgen år gammel hedder heter bor
        arbejder arbeider jobber lide liker elsker hader hater spiser drikker spiller læser kommer mor
        far bror søster kone man søn sønn datter børn barn hund kat katt nu nå hver hej hei tak takk ble
        fikk fire fem katter hunde
        """
    ),
    "turkish": word_set(
        """
        ben bana beni benim bende biz bizim sen senin o onun bu şu bir ve veya ama çünkü ki için ile
        değil değilim var yok çok daha en hiç hep her da de mi mı ne nasıl nerede dün bugün yarın yıl
        yaşında yaşındayım adım yaşıyorum oturuyorum çalışıyorum seviyorum sevmiyorum nefret ediyorum
        yiyorum içiyorum oynuyorum gidiyorum annem babam kardeşim ablam abim eşim karım kocam oğlum
        kızım çocuğum köpeğim kedim şimdi evet hayır merhaba lütfen iki üç dört beş
        """
    ),
}
# Scripts of which one language, or one group that is told alike, is written.
SCRIPTS: dict[str, str] = {
    "japanese": "\u3040-\u30ff",
    "korean": "\uac00-\ud7af\u1100-\u11ff",
    "chinese": "\u3400-\u4dbf\u4e00-\u9fff",
    "russian": "\u0400-\u04ff",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "arabic": "\u0600-\u06ff\u0750-\u077f",
    "hebrew": "\u0590-\u05ff",
    "hindi": "\u0900-\u097f",
    "thai": "\u0e00-\u0e7f",
}
# Letters that English writes in names and loanwords only.
DIACRITICS: dict[str, str] = {
    "german": "äöüß",
    "french": "àâçèéêëîïôùûœ",
    "spanish": "áéíñóú¿¡",
    "italian": "àèéìòù",
    "portuguese": "áâãçéêíóõú",
    "dutch": "ëï",
    "polish": "ąćęłńóśźż",
    "swedish": "åäö",
    "danish": "åæø",
    "turkish": "çğıöşü",
}
