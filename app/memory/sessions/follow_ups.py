"""Recognises follow-up questions without a pronoun: they name what they ask for by what was said before.

Three kinds: an ellipsis ("And the blue one?", "What about Friday?"), a relation to something that is not
named ("other offers", "a cheaper one", "the same instead"), and a property or place in a row alone ("What is
the price?", "the second one then"). What they leave out is in the conversation (Dalrymple, Shieber and
Pereira 1991, "Ellipsis and higher-order unification").
"""

import re
from collections.abc import Sequence, Set

from app.memory.text.analysis import analyze_text, is_unspaced
from app.memory.text.content_words import find_content_words
from app.memory.text.languages import detect_language
from app.memory.text.word_lists import TIME_WORDS

MAX_ELLIPSIS_WORDS = 2  # content words (chosen): with more, a question says itself what it is about
MAX_RELATION_WORDS = 2
MAX_COMPARED_WORDS = 1  # "Do older dogs sleep longer?" compares what it names
MAX_UNSPACED_CHARS = 14  # the same in scripts without spaces

_WORD = re.compile(r"\w+")
# Who asks for something is not what it is about.
_REQUEST = re.compile(
    r"\b(?:(?:can|could|may|should|shall) (?:i|we)(?: have| get| see| take)?\b|do we have\b"
    r"|(?:i|we)(?:'d| would) (?:like|prefer|rather)"
    r"|for (?:me|us)\b|kannst du (?:mir|uns)\b|gibt es\b|ci sono\b|hay\b|y a-t-il\b)"
)
# "the other day" is a time, "each other" a pronoun of its own.
_IDIOM = re.compile(
    r"\b(?:the other (?:day|night|week|evening|morning)|(?:on )?the other hand|each other|one another"
    r"|(?:at )?the same time|no longer|any longer|(?:sooner or|see you) later|other than|better half)\b"
)
_OPENING = re.compile(
    r"^\W*(?:(?:ok|okay|so|well|hm+|oh)\b\W*)*+(?:(?:(?:and|but|or|so) )?(?:what|how) (?:about|of)\b"
    r"|(?:and|or|but)\b(?! *(?:what|where|when|who|whom|whose|which|why|how|do|does|did|is|are|was|were|am"
    r"|has|have|had|can|could|will|would|should|shall|may|might|must)\b)"
    r"|(?:und|oder|aber) (?!(?:wann|wo|wer|was|wie|warum|welche|ist|sind|hat|habe|bin)\b)"
    r"|(?:und )?was ist mit\b"
    r"|(?:und )?wie w(?:ä|ae)re? (?:es|das) mit\b"
    r"|(?:et|ou|mais) (?!(?:où|quand|qui|que|quoi|comment|pourquoi|quel|quelle|est)\b)|qu'en est-il\b"
    r"|(?:y|o|pero) (?!(?:qu[ée]|d[óo]nde|cu[áa]ndo|qui[ée]n|c[óo]mo|cu[áa]l)\b)|qué (?:tal|hay de)\b"
    r"|(?:e|ed|ma) (?!(?:dove|quando|chi|che|cosa|come|perché|onde|quem|como|qual|o que)\b)|che ne dici\b"
    r"|(?:en|maar) (?!(?:waar|wanneer|wie|wat|hoe|waarom|welke)\b)|hoe zit het met\b"
    r"|(?:а|но) (?!(?:где|когда|кто|что|как)\b))"
)
_RELATION = re.compile(
    r"\b(?:others?|another|same|else|instead|alternatives?|alternatively|different|similar|remaining"
    r"|ander(?:e|er|es|en|em)|gleiche[nrs]?|selbe[nrs]?|stattdessen|sonst"
    r"|autres?|mêmes?|sinon|otr[oa]s?|mism[oa]s?|altr[oaie]|stess[oaie]|outr[oa]s?|mesm[oa]s?|zelfde|andere"
    r"|друг(?:ой|ая|ое|ие|их|ого|ую)|ещё|еще)\b"
)
_SUPERLATIVE = re.compile(
    r"(?:cheap|bigg|small|larg|long|short|old|new|young|fast|clos|near|high|low|light|dark|easi|warm|lat|earli|saf"
    r"|simpl|nic|heavi)est|best|worst|most|least|expensive|recent|important"
)
_COMPARATIVE = re.compile(
    r"\b(?:cheaper|(?:bigg|small|larg|long|short|old|new|young|fast|slow|quick|clos|near|high|low|light|dark|eas?i|hard"
    r"|strong|weak|nic|warm|cold|hott|cool|lat|earli|few|soon|quiet|loud|simpl|saf|clean|wid|narrow|thick|thinn|heavi"
    r"|tall|great|soft|healthi|tasti|prett?i|calm|rich|smooth|bright|roomi)er|better|worse|further|farther"
    r"|(?:more|less) (?!than\b)\w{4,}"
    r"|billiger|günstiger|größer|kleiner|später|früher|besser|schneller|näher"
    r"|(?:billiger|günstiger|größer|kleiner|besser|schneller)e[nrs]?"
    r"|moins \w+|plus (?:grand|petit|tard|tôt|cher|près|loin|récent|rapide)\w*"
    r"|(?:más|menos|più|meno) \w+|goedkoper|groter|kleiner|later|vroeger|beter"
    r"|(?:по)?дешевле|(?:по)?больше|(?:по)?меньше|лучше)\b"
)
_COMPARES_ITSELF = re.compile(r"\b(?:than|or|als|oder|que|o|ou|di|of|dan|чем|или)\b")
_PLACE_IN_ROW = re.compile(
    r"\bthe (?:first|second|third|fourth|fifth|last|next|previous|latter|former|rest|one|ones)\b"
    r"|\b(?:both|neither|either|next)\b|\b(?<!no )(?<!any )(?<!every )ones?\b(?! (?:day|time|more)\b)"
    r"|\bthe (?:cheapest|best|worst|latest|newest|biggest|smallest|fastest|nearest)\b"
    r"|\bd(?:er|ie|as|en) (?:erste|zweite|dritte|letzte|nächste)n?\b"
    r"|\bl[ea] (?:premi|deuxi|secon|troisi|derni)\w+"
    r"|\b(?:el|la|il|o|a) (?:primer|segund|tercer|últim|second|prim|terz|ultim)\w*"
)
_UNSPACED_CUE = re.compile(
    r"呢[?？]?$|^那[么麼]?|其他|其它|别的|別的|另外|另一|还有|還有|更|便宜|第[一二三四五\d][个個]"
    r"|^(?:じゃあ|では|それなら|あと|他|ほか|別|もっと|もう(?:一つ|少し))|(?:値段|価格|色|サイズ|住所|日付)は[?？]?$"
    r"|^(?:그럼|다른|더)|(?:가격|색|크기|주소)(?:은|는)[?？]?$|^(?:แล้ว|อื่น)|(?:อื่น|กว่านี้)"
)
_UNSPACED_SELF = re.compile(r"我|私|僕|俺|나|내|제|ฉัน|ผม")
_FRAME = frozenset(
    _WORD.findall(
        """
        find show search look want need suggest recommend list bring check try pick choose compare
        two three four first second third fourth fifth last next previous latter former rest both neither
        either one ones other others another same else instead alternative alternatives alternatively
        different similar remaining option options choice choices version versions suggestion suggestions
        proposal proposals item items ok okay please there then now maybe
        """
    )
)
_PROPERTIES = frozenset(
    term
    for word in _WORD.findall(
        """
        price cost date day hour colour color size address location deadline result reason total amount fee
        weight length height width depth brand model title author owner link website email distance duration
        difference rating warranty shape material quantity discount deposit seller departure arrival platform
        phone number old long far big tall heavy expensive often cheap deep wide fast much many available
        preis datum farbe größe adresse uhrzeit kosten prix couleur taille adresse precio fecha tamaño talla
        dirección prezzo colore taglia indirizzo preço cor tamanho endereço prijs kleur maat adres
        цена дата цвет размер адрес
        """
    )
    for term in [word, *analyze_text(word)]
)
_POSSESSIVE = re.compile(r"['\u2019]s\b")


def is_follow_up(lower: str, *, has_name: bool, first_person: Set[str]) -> bool:
    """Whether a question in lower case leaves out what it is about.

    `has_name`: it has a name or a number; `first_person`: the pronouns of who asks.
    """
    if is_unspaced(lower):
        is_short = len(lower) <= MAX_UNSPACED_CHARS
        return is_short and not _UNSPACED_SELF.search(lower) and _UNSPACED_CUE.search(lower) is not None
    text = _POSSESSIVE.sub("", _IDIOM.sub(" ", _REQUEST.sub(" ", lower)))
    words = _WORD.findall(text)
    content = [
        word for word in find_content_words(words, detect_language(words)) if word not in _FRAME | TIME_WORDS
    ]
    if _OPENING.search(text):
        return len(content) <= MAX_ELLIPSIS_WORDS - has_name
    return not has_name and first_person.isdisjoint(words) and _points_elsewhere(text, content)


def _points_elsewhere(text: str, content: Sequence[str]) -> bool:
    """Whether a question relates to something that it does not name, or names a property or place alone."""
    relations = _RELATION.findall(text)
    compared = _COMPARATIVE.search(text)
    if compared is not None and not _COMPARES_ITSELF.search(text):
        left = [word for word in content if word not in compared[0].split()]
        return len(left) <= (MAX_RELATION_WORDS if relations else MAX_COMPARED_WORDS)
    if relations:
        return len([word for word in content if word not in relations]) <= MAX_RELATION_WORDS
    others = [word for word in content if word not in _PROPERTIES and not _SUPERLATIVE.fullmatch(word)]
    place = _PLACE_IN_ROW.search(text)
    if place is not None and place[0].endswith(("one", "ones")):
        return len(others) <= MAX_COMPARED_WORDS  # "the blue one"
    return not others and (bool(content) or place is not None)
