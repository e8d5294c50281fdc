"""The times that questions name, in English and in other languages."""

# ruff: noqa: E501 (the tables are read more easily in long lines)

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.memory.text.dates.foreign_dates import find_foreign_dates
from app.memory.text.dates.query_dates import find_query_dates, remove_dates, resolve_query_range

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)  # a Wednesday
DAY_OF_MAY = """
What did I plant on May 5?|what did we plant on 5 may 2026|what did we plant on 5 may|planted may 5th|Planted on 2026-05-05?|Seeds on the 5th of May
What did I plant on Tuesday, May 5th?|what about 05.05.2026?|Garden, May 5th|What was planted on the 5th?
Was habe ich am 5. Mai gepflanzt?|Was haben wir am 5. Mai 2026 gemacht?|Qu'est-ce que j'ai planté le 5 mai ?
¿Qué planté el 5 de mayo?|¿Qué hice el 5 de mayo de 2026?|Cosa ho piantato il 5 maggio?|Che cosa ho fatto il 5 maggio 2026?
O que plantei no dia 5 de maio?|Wat heb ik op 5 mei geplant?|Co zasadziłem 5 maja?|Что я посадил 5 мая?
Vad planterade jag den 5 maj?|Hva plantet jeg 5. mai?|5 Mayıs'ta ne diktim?|Mitä istutin 5. toukokuuta?
Mit ültettem május 5-én?|Τι φύτεψα στις 5 Μαΐου;|ماذا زرعت يوم 5 مايو؟|मैंने 5 मई को क्या लगाया?
5月5日に何を植えましたか？|我5月5日种了什么？|我2026年5月5日种了什么？|五月五日我种了什么？|5월 5일에 뭘 심었지?
"""
OTHER_DAYS = {
    "19 May": """What did I do yesterday?|Was habe ich gestern gemacht?|Qu'ai-je planté hier soir ?|¿Qué hice ayer?
        Cosa ho fatto ieri sera?|O que eu fiz ontem?|Co robiłem wczoraj?|Что я делал вчера?|昨日何をした？|我昨天做了什么？
        어제 뭐 했지?|เมื่อวานฉันทำอะไร""",
    "16 May": """What did I plant last Saturday?|Was habe ich letzten Samstag gemacht?|Qu'est-ce que j'ai fait samedi dernier ?
        ¿Qué hice el sábado pasado?|Cosa ho fatto sabato scorso?|Wat heb ik vorige zaterdag gedaan?|Geçen cumartesi ne yaptım?
        Что я делал в прошлую субботу?|先週の土曜日に何をしましたか？|我上周六做了什么？|지난주 토요일에 뭐 했지?
        What did I do on Saturday?|Hva gjorde jeg forrige lørdag?""",
    "17 May": """What did I plant three days ago?|Was habe ich vor drei Tagen gepflanzt?|Qu'ai-je planté il y a trois jours ?
        ¿Qué hice hace 3 días?|我3天前做了什么？""",
    "22 May": """Was ist für nächsten Freitag geplant?|What am I doing on Friday?""",
    "25 May": "What have I planned for May 25?|dentist May 25|¿Qué planes tengo para el 25 de mayo?|Do I have anything on the 25th?",
}  # fmt: skip
LONGER = {
    ("16 May", "18 May"): """What did I do last weekend?|Was haben wir am letzten Wochenende gemacht?
        Qu'est-ce que j'ai fait le week-end dernier ?|¿Qué hice el fin de semana pasado?|Vad gjorde jag förra helgen?""",
    ("1 May", "1 June"): "What did I plant in May?|Was habe ich im Mai gepflanzt?|¿Qué planté en mayo?",
    ("3 May", "8 May"): "Where was I from May 3 to 7?|Where was I between May 3 and May 7?",
    ("11 May", "18 May"): "What did I do last week?|Was habe ich letzte Woche gemacht?|Cosa ho fatto la settimana scorsa?",
}  # fmt: skip
NO_TIME = (
    "What is my mai tai recipe?", "may I march on?", "Who may come?", "Who is Mar?", "Does Marta like dienstag?", "How old is Ana?", "Who is April May?",
    "What did Ann tell me on her birthday?", "Wie heißt meine Schwester?", "¿Cómo se llama mi jefa?", "谁是我的老板？",
    "Where does Sonntag live?", "¿Quién es Julio?", "İİİİ 5 maj", "Qui est Mai ?", "Is 2026 a lot?",
)  # fmt: skip


def variants(text: str) -> list[str]:
    return [one.strip() for line in text.strip().splitlines() for one in line.split("|") if one.strip()]


def day(text: str) -> datetime:
    return datetime.strptime(f"{text} 2026", "%d %B %Y").replace(tzinfo=UTC)


@pytest.mark.parametrize("question", variants(DAY_OF_MAY))
def test_a_day_of_a_month(question: str):
    assert resolve_query_range(question, NOW) == (day("5 May"), day("6 May"))


@pytest.mark.parametrize(
    ("question", "expected"), [(q, d) for d, text in OTHER_DAYS.items() for q in variants(text)]
)
def test_a_day_told_from_the_reference_time(question: str, expected: str):
    found = resolve_query_range(question, NOW)
    assert found is not None
    assert (found[0].date(), (found[1] - found[0]).days) == (day(expected).date(), 1)


@pytest.mark.parametrize(
    ("question", "expected"), [(q, d) for d, text in LONGER.items() for q in variants(text)]
)
def test_a_longer_time(question: str, expected: tuple[str, str]):
    assert resolve_query_range(question, NOW) == (day(expected[0]), day(expected[1]))


@pytest.mark.parametrize("question", NO_TIME)
def test_what_only_looks_like_a_time(question: str):
    assert resolve_query_range(question, NOW) is None


@pytest.mark.parametrize("question", variants(DAY_OF_MAY))
def test_what_is_asked_about_is_left_without_the_time(question: str):
    spans = find_query_dates(question, NOW)
    assert all(question[span.start_char : span.end_char].lower() == span.text.lower() for span in spans)
    left = remove_dates(question, NOW)
    assert find_query_dates(left, NOW) == []
    assert "5" not in left


@pytest.mark.parametrize("unit", ["5 mai ", "5月5日", "gestern ", "le 5 mai ", "5 de mayo ", "어제 "])
def test_a_question_of_nothing_but_dates_has_a_few(unit: str):
    languages = frozenset(["french", "german", "spanish", "japanese", "korean"])
    assert len(find_foreign_dates((unit * 4_000)[:4_000], languages)) == 16


def test_the_same_instant_in_another_zone_has_its_own_day():
    question = "What did I do yesterday?"
    late = datetime(2026, 5, 20, 23, tzinfo=UTC)
    east = late.astimezone(timezone(timedelta(hours=5)))
    days = [find_query_dates(question, now)[0].from_.day for now in (late, east)]
    assert days == [19, 20]
