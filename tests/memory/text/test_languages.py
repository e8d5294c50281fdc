"""Languages: each text is stemmed in its own, and a question finds the texts of all of them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.ids import new_id
from app.memory.index.documents import TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.search_index import search_index
from app.memory.reconciliation.decisions import details_differ
from app.memory.text.analysis import analyze_detecting_language, analyze_query, analyze_text

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
GERMAN = [
    "Ich habe gestern mit den Nachbarn über die neuen Häuser gesprochen.",
    "Wir sind am Wochenende in die Berge gefahren und haben viel gelacht.",
    "Der Arzt sagt, dass ich keine Erdnüsse mehr essen darf.",
]
ITALIAN = [
    "Ho comprato due biglietti per il concerto di sabato.",
    "La mia gatta si chiama Miso e dorme sempre sul divano.",
    "Ieri abbiamo mangiato le lasagne della nonna con gli amici.",
]
CHINESE = ["我住在卑尔根,在医院工作。", "我的猫喜欢睡在沙发上。", "昨天我们一起吃了饺子。"]
ENGLISH = [
    "I bought a bicycle.",
    "My sister is visiting us in June.",
    "We painted the kitchen.",
]


def scope_of(*texts: str) -> UserIndex:
    scope = UserIndex(4)
    for place, text in enumerate(texts):
        at = BEGIN + timedelta(minutes=place)
        row = TurnRow(new_id(), f"s{place}", None, "user", None, text, None, at, pending=False)
        scope.upsert_turn(row)
    return scope


def first(scope: UserIndex, query: str) -> str:
    found = search_index(scope, SearchQuery(text=query, vector=None, count=1))
    assert found[0].turn is not None
    return found[0].turn.content


class TestLanguageOf:
    @pytest.mark.parametrize("text", GERMAN)
    def test_german(self, text: str):
        assert analyze_detecting_language(text)[1] == "german"

    @pytest.mark.parametrize("text", ITALIAN)
    def test_italian(self, text: str):
        assert analyze_detecting_language(text)[1] == "italian"

    @pytest.mark.parametrize("text", [*ENGLISH, "", "Take care!", "See ya", "Bergen", "42", "哈哈"])
    def test_english_where_no_other_is_plain(self, text: str):
        assert analyze_detecting_language(text)[1] == "english"


class TestWords:
    def test_each_language_has_its_own_stems(self):
        assert analyze_text("Häusern", "german") == analyze_text("Häuser", "german")
        assert analyze_text("Häusern") != analyze_text("Häuser")

    @pytest.mark.parametrize(
        ("query", "texts", "place"),
        [
            ("Welches Haus haben die Nachbarn?", GERMAN, 0),
            ("Was sagte der Arzt über Erdnuss?", GERMAN, 2),
            ("Quale biglietto ho per i concerti?", ITALIAN, 0),
            ("Che lasagna abbiamo mangiata con un amico?", ITALIAN, 2),
            ("谁在医院工作?", CHINESE, 0),
            ("猫睡在哪里?", CHINESE, 1),
            ("Who visits in June?", ENGLISH, 1),
        ],
    )
    def test_a_question_finds_its_answer_by_words_among_all_languages(
        self, query: str, texts: list[str], place: int
    ):
        assert first(scope_of(*ENGLISH, *GERMAN, *ITALIAN, *CHINESE), query) == texts[place]

    def test_small_words_of_the_question_count_in_no_language(self):
        assert analyze_query("What did the doctor say?", ["english", "german"]) == ["doctor", "say"]


class TestNegations:
    @pytest.mark.parametrize(
        ("yes", "no"),
        [
            ("Ich bin gegen Nüsse allergisch.", "Ich bin gegen Nüsse nicht allergisch."),
            ("Ann trinkt Kaffee.", "Ann trinkt keinen Kaffee."),
            ("Sono allergica alle noci.", "Non sono allergica alle noci."),
            ("我对坚果过敏。", "我对坚果不过敏。"),
        ],
    )
    def test_keep_two_texts_apart(self, yes: str, no: str):
        assert details_differ(yes, no)
        assert not details_differ(yes, yes)
