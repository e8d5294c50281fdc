"""Sentences of other languages are kept whole, or left, without a model."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import Form, Kind, Role
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.offline.foreign.foreign_facts import find_foreign_facts, split_sentences
from app.memory.text.analysis_text import analyse_original
from app.memory.text.languages import detect_sentence_language, is_english
from app.memory.types import Fact, Turn

NOON = datetime(2026, 5, 8, 12, tzinfo=UTC)
KEPT = """
Ich wohne in Kassel.
Ich heiße Mathilde und arbeite als Bäckerin.
Meine Tochter geht in die 3. Klasse.
Ich bin allergisch gegen Haselnüsse.
Gestern habe ich mir den Knöchel gebrochen.
Merk dir, dass ich kein Fleisch esse.
Bitte antworte mir immer auf Deutsch.
J'habite à Nantes depuis deux ans.
Mon fils Hugo a sept ans.
Je ne mange pas de porc.
Hier j'ai adopté un chat.
Me llamo Inés.
Trabajo en una farmacia de Murcia.
Mi hermana vive en Quito.
No me gusta el pescado.
Abito a Trieste con mio marito.
Ho due gatti.
Mia madre si chiama Rosa.
Moro em Braga.
Tenho uma filha de três anos.
Eu não bebo álcool.
Ik woon in Gent.
Mijn hond heet Bram.
Ik ben vegetariër.
Mam dwóch synów.
Pracuję jako księgowa.
Mieszkam w Lublinie.
Jag bor i Lund.
Min fru heter Sanna.
Jeg bor i Aarhus.
Jeg er allergisk mot nøtter.
Bursa'da yaşıyorum.
Benim adım Defne.
我住在南京。
我对花生过敏。
我女儿今年五岁。
私は神戸に住んでいます。
そばアレルギーです。
犬を二匹飼っています。
저는 대구에 살아요.
땅콩 알레르기가 있어요.
Я живу в Самаре.
Моего кота зовут Барсик.
أنا أعيش في عمان وأعمل مهندسا.
Μένω στην Πάτρα και δουλεύω σε νοσοκομείο.
אני גר בחיפה עם אשתי.
मैं पुणे में रहता हूँ।
ผมเป็นครูที่เชียงใหม่
Soy vegetariana.
Danke, ich wohne jetzt in Bonn.
Meu filho tem sete anos.
Mi segundo hijo se llama Leo.
Maria ha due figli.
Ich arbeite als Übersetzerin in Graz.
Mein Sohn Emil ist 4 Jahre alt und liebt Bagger.
"""
LEFT = """
English please: "J'ai une petite sœur à Lille et je suis pompier."
In Spanish please: Ich wohne in Graz und habe zwei Hunde.
german version, please: Mi hermana vive en Burgos.
Wo wohnst du?
Wenn ich in Rom wohnen würde, wäre ich glücklich.
Mein Chef sagt, ich wohne in Bonn.
Angenommen, ich bin Arzt. Ich wohne in Ulm.
Übersetze ins Englische: Ich wohne in Dresden.
Korrigiere: "Ich habe gestern ein Auto gekauft."
Ich bin müde.
Danke dir!
Das Wetter ist schön heute.
Kannst du mir ein Rezept geben?
Schreib mir ein Gedicht über Katzen.
Ich hätte gern ein Boot.
Ich bin Astronaut. War nur Scherz!
Si j'étais riche, j'aurais un bateau.
Mon voisin dit que je vis à Lille.
Traduis en anglais : J'habite à Metz.
Imagine que tu es un pirate. Je suis ton capitaine.
Je suis fatigué.
Peux-tu m'aider avec mon CV ?
Si tuviera dinero, compraría una casa.
¿Dónde vives?
Traduce al inglés: Vivo en Bilbao.
Supongamos que soy médico. Vivo en Cádiz.
Estoy cansada.
Mi jefe dice que soy perezoso.
Traduci in inglese: Abito a Pisa.
Se fossi ricco, vivrei a Capri.
Ho fame.
Traduz para inglês: Moro em Faro.
Se eu fosse rico, morava em Paris.
Vertaal naar het Engels: Ik woon in Breda.
Als ik rijk was, woonde ik in Parijs.
Przetłumacz na angielski: Mieszkam w Opolu.
Gdybym był bogaty, mieszkałbym w Rzymie.
Översätt till engelska: Jag bor i Malmö.
Hvis jeg var rik, bodde jeg i Oslo.
Çevir: Ben İzmir'de yaşıyorum.
请把这句话翻译成英文：我住在北京。
如果我住在上海，我会很开心。
你住在哪里？
英語に翻訳してください：私は大阪に住んでいます。
もし私が医者なら、幸せです。
東京はどこですか。
번역해 주세요: 저는 서울에 살아요.
Переведи на английский: Я живу в Москве.
Если бы я жил в Риме, я был бы счастлив.
Спасибо большое за помощь!
I live in Oslo and I work as a nurse.
Ciao!
Please proofread: Ich wohne in Trier und bin Koch.
J'ai besoin d'une traduction de ce texte : j'habite à Metz.
Ich verstehe.
Mi dispiace.
El médico dice que tengo anemia.
Mi piace la frase "io vivo in una casa di vetro".
"""
ENGLISH = """
I live in Oslo.
Me too!
Die Hard is my favourite film.
I love the café in Le Marais.
We had crème brûlée at Chez Nous.
Los Angeles is hot.
My name is José Muñoz.
Take care!
Kit got a job at El Corte Ingles.
He said 'ich liebe dich' to me.
Mi casa es su casa, as they say.
Visiting São Paulo in May.
Met Zoë at Café de Flore.
Des Moines, IA
Van life
Allergic to penicillin
On a diet
Got tickets to La Traviata
Soy milk only, please.
42
"""


def lines(text: str) -> list[str]:
    return text.strip().split("\n")


def facts_of(said: str) -> list[Fact]:
    turn = Turn(UUID(int=1), "u", "s", 1, Role.USER, said, NOON)
    found = find_foreign_facts(turn, analyse_original(said))
    # What is kept also stands up to the guard: its quote is its own evidence.
    assert filter_facts(found, [turn], {}) == (found, [])
    return found


@pytest.mark.parametrize("said", lines(KEPT))
def test_what_somebody_tells_of_themselves_is_kept_as_it_was_said(said: str) -> None:
    assert not is_english(said)
    (fact,) = facts_of(said)
    assert fact.content.rstrip(".。।") == analyse_original(said).text.rstrip(".。।")


@pytest.mark.parametrize("said", lines(LEFT))
def test_what_is_not_put_forward_or_tells_nothing_is_left(said: str) -> None:
    assert facts_of(said) == []


@pytest.mark.parametrize("said", lines(ENGLISH))
def test_names_and_loanwords_make_no_other_language(said: str) -> None:
    assert is_english(said)
    assert facts_of(said) == []


@pytest.mark.parametrize(
    ("said", "slot"),
    [
        ("Ich heiße Mathilde.", ("name", "Mathilde")),
        ("Je m'appelle Odile.", ("name", "Odile")),
        ("Mi chiamo Pia e sono cuoca.", ("name", "Pia")),
        ("Me llamo Inés.", ("name", "Inés")),
        ("Jag heter Sanna.", ("name", "Sanna")),
        ("我叫王伟。", ("name", "王伟")),
        ("Меня зовут Олег.", ("name", "Олег")),
        ("Ich wohne jetzt in Bad Ems.", ("residence", "Bad Ems")),
        ("J'habite à Nantes avec ma sœur.", ("residence", "Nantes")),
        ("Ahora vivo en San Juan.", ("residence", "San Juan")),
        ("Ik woon in Den Haag.", ("residence", "Den Haag")),
        ("我住在南京。", ("residence", "南京")),
        ("私は神戸に住んでいます。", ("residence", "神戸")),
        ("Ich wohne in einer WG.", None),
        ("Je vis en couple.", None),
        ("Vivo en casa de mis padres.", None),
        ("Abito in campagna.", None),
        ("Ich wohne nicht mehr in Ulm.", None),
        ("Ich heiße Mathilde und wohne in Ulm.", None),
        ("Meine Schwester wohnt in Ulm.", None),
    ],
)
def test_a_slot_needs_a_strict_pattern(said: str, slot: tuple[str, str] | None) -> None:
    (fact,) = facts_of(said)
    assert (fact.slot and (fact.slot.attribute, fact.slot.value)) == slot


@pytest.mark.parametrize(
    ("said", "kind", "form"),
    [
        ("Ich mag Marzipan.", Kind.PREFERENCE, Form.STATE),
        ("J'adore le fromage.", Kind.PREFERENCE, Form.STATE),
        ("Me encanta el mar.", Kind.PREFERENCE, Form.STATE),
        ("Mi piace il jazz.", Kind.PREFERENCE, Form.STATE),
        ("我喜欢游泳。", Kind.PREFERENCE, Form.STATE),
        ("Réponds-moi toujours en français.", Kind.PREFERENCE, Form.STATE),
        ("Gestern habe ich ein Rad gekauft.", Kind.EVENT, Form.EVENT),
        ("Ayer vendí mi coche.", Kind.EVENT, Form.EVENT),
        ("Wczoraj kupiłem rower.", Kind.EVENT, Form.EVENT),
        ("我昨天买了一辆车。", Kind.EVENT, Form.EVENT),
        ("Ich bin Köchin.", Kind.FACT, Form.STATE),
        ("Tengo dos perros.", Kind.FACT, Form.STATE),
    ],
)
def test_kind_and_form_go_by_the_words(said: str, kind: Kind, form: Form) -> None:
    (fact,) = facts_of(said)
    assert (fact.kind, fact.form) == (kind, form)


def test_a_mixed_turn_gives_only_its_sentences_in_other_languages() -> None:
    told = facts_of("Hi! I'm Tom. **Ich komme aus Wien.** I like tea.\n- Vivo en Lugo")
    assert [fact.content for fact in told] == ["Ich komme aus Wien.", "Vivo en Lugo"]
    assert [fact.quote for fact in told] == ["Ich komme aus Wien.", "Vivo en Lugo"]
    assert {fact.subject for fact in told} == {"user"}


def test_a_date_that_the_rules_know_is_the_events() -> None:
    (fact,) = facts_of("Ieri ho comprato una barca.")
    assert fact.event_from == datetime(2026, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("Ich bin am 3. Juni geboren. Ich koche gern.", 2),
        ("Meine Tochter geht in die 3. Klasse.", 1),
        ("Dr. Brandt ist mein Arzt.", 1),
        ("Vivo aquí. ¡Me gusta!", 2),
        ("我住在南京。我养猫！你呢？", 3),
        ("今日は休み。寝ます", 2),
        ("z. B. esse ich Fisch.", 1),
    ],
)
def test_sentences_end_where_they_end(said: str, count: int) -> None:
    assert len(list(split_sentences(said))) == count


@given(st.text(max_size=200))
def test_any_text_is_read(said: str) -> None:
    detect_sentence_language(said)
    find_foreign_facts(Turn(UUID(int=1), "u", "s", 1, Role.USER, said, NOON), analyse_original(said))
    assert all(said[start:end].strip() for start, end in split_sentences(said))
