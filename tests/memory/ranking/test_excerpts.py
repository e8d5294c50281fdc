"""The sentences of a long text that answer a question, where they stand, and how texts are cut."""

import time

import pytest

from app.memory.ranking.excerpts import (
    MAX_EXCERPT_CHARS,
    MAX_UNSPACED_CHARS,
    Excerpt,
    choose_excerpt,
    cut_middle,
)
from app.memory.text.analysis import analyze_query
from app.memory.text.limits import LONG_TEXT_CHARS
from app.memory.text.sentences import MAX_CHARS, split_sentences
from app.memory.text.stop_words import SUPPORTED_LANGUAGES

FILLING = {
    "english": "The weather was mild and the garden looked green on day {n}. ",
    "german": "Das Wetter war mild und der Garten sah an Tag {n} sehr schön aus. ",
    "french": "Il faisait doux et le jardin était bien vert au jour {n}. ",
    "spanish": "El tiempo era bueno y el jardín estaba muy verde el día {n}. ",
    "russian": "Погода была мягкой, и сад на день {n} был очень зелёным. ",
    "arabic": "كان الطقس معتدلا وكانت الحديقة خضراء في اليوم {n}. ",
    "chinese": "第{n}天天气很好，花园里很绿。",
    "japanese": "{n}日目は天気がよくて、庭は緑でした。",
    "thai": "วันที่ {n} อากาศดีและสวนก็เขียวมาก ",
    "hindi": "दिन {n} को मौसम अच्छा था और बगीचा हरा था। ",
}


def filling(language: str, chars: int) -> str:
    text, n = "", 0
    while len(text) < chars:
        text += FILLING[language].format(n=n)
        n += 1
    return text


def excerpt_of(text: str, query: str, language: str = "english") -> Excerpt:
    language = language if language in SUPPORTED_LANGUAGES else "english"
    chosen = choose_excerpt(text, dict.fromkeys(analyze_query(query, [language]), 1.0))
    assert chosen is not None
    return chosen


def check_form(text: str, chosen: Excerpt) -> None:
    """The spans are in order, apart, and are the text's own words; what is left out is marked."""
    assert chosen.spans == tuple(sorted(chosen.spans))
    for (_, end), (start, _) in zip(chosen.spans, chosen.spans[1:], strict=False):
        assert end < start
    assert chosen.text.strip("… ") == " … ".join(text[start:end] for start, end in chosen.spans).strip("… ")
    assert chosen.text.startswith("…") == (chosen.spans[0][0] > 0)
    assert chosen.text.endswith("…") == (chosen.spans[-1][1] < len(text.rstrip()))


class TestAnswer:
    @pytest.mark.parametrize("place", ["first", "middle", "last"])
    @pytest.mark.parametrize(
        ("language", "query", "answer"),
        [
            ("english", "What is the alarm code of the cottage?", "The cottage's alarm code is 7719."),
            ("english", "Who repaired the piano?", "It was Mr. Olsen who repaired our piano."),
            ("english", "Which vaccine did the puppy get?", 'The puppy got "Nobivac" as its vaccine!'),
            ("english", "How much was the invoice?", "Their invoice came to $3,420.50."),
            ("english", "Where is the spare key?", "Spare keys lie under the blue pot"),
            ("german", "Wie heißt der Zahnarzt?", "Unser neuer Zahnarzt heißt Dr. Brandt."),
            ("french", "Quel est le code du coffre ?", "Le code du coffre est 5521."),
            ("spanish", "¿Quién arregló el tejado?", "El tejado lo arregló Benito."),
            ("russian", "Какой пароль от сейфа?", "Пароль от сейфа лежит у бабушки."),
            ("arabic", "ما هي كلمة السر للخزنة؟", "كلمة السر للخزنة هي برتقال؟"),
            ("chinese", "保险箱的密码是什么？", "保险箱的密码是八八零。"),
            ("japanese", "金庫の番号は？", "金庫の番号は四二です。"),
            ("thai", "รหัสตู้นิรภัยคืออะไร", "รหัสตู้นิรภัยคือส้มเก้า"),
            ("hindi", "तिजोरी का पासवर्ड क्या है?", "तिजोरी का पासवर्ड केला है।"),
        ],
    )
    def test_the_sentence_that_says_it_is_in_the_excerpt(self, language, query, answer, place):
        before, after = {"first": (0, 12_000), "middle": (6_000, 6_000), "last": (12_000, 0)}[place]
        text = f"{filling(language, before)}{answer} {filling(language, after)}".strip()
        chosen = excerpt_of(text, query, language)
        assert answer in chosen.text
        check_form(text, chosen)
        assert sum(end - start for start, end in chosen.spans) <= MAX_EXCERPT_CHARS + 10

    @pytest.mark.parametrize(
        ("query", "heading", "answer"),
        [
            ("What about parking?", "Parking?", "There is room behind the mill."),
            ("Which allergies does Kim have?", "You asked for Kim's allergies.", "Only peanuts."),
            ("How do I reset the boiler?", "Resetting the boiler:", "Hold both buttons for six seconds."),
        ],
    )
    def test_what_stands_beside_is_there_too(self, query, heading, answer):
        text = f"{filling('english', 5_000)}{heading}\n{answer} {filling('english', 5_000)}"
        assert f"{heading}\n{answer}" in excerpt_of(text, query).text

    def test_a_rare_word_counts_more_than_one_that_is_all_over_the_text(self):
        often = "".join(f"The boat sailed on, log {n}. " for n in range(400))
        text = f"{often}The anchor weighs ninety pounds. {often}"
        assert "ninety pounds" in excerpt_of(text, "How heavy is the anchor of the boat?").text

    def test_distant_parts_are_marked_as_cut(self):
        between, after = filling("english", 4_000), filling("english", 900)
        text = f"The tent is grey. {between}The stove burns spirit. {after}"
        chosen = excerpt_of(text, "tent stove")
        assert "grey. " in chosen.text
        assert " … " in chosen.text
        assert "The stove burns spirit." in chosen.text
        assert len(chosen.spans) >= 2

    @pytest.mark.parametrize("query", ["zebra", "the of and", "?"])
    def test_without_a_word_of_the_question_it_is_the_start(self, query):
        text = filling("english", 9_000)
        chosen = excerpt_of(text, query)
        assert chosen.spans[0][0] == 0
        assert len(chosen.spans) == 1
        check_form(text, chosen)

    @pytest.mark.parametrize("length", [0, 1, LONG_TEXT_CHARS - 1, LONG_TEXT_CHARS])
    def test_a_short_text_has_none(self, length):
        assert choose_excerpt("a" * length, {"a": 1.0}) is None


class TestHostile:
    @pytest.mark.parametrize(
        "text",
        [
            "." * 65_536,
            "a" * 65_536,
            ". " * 32_768,
            "a. " * 21_845,
            '.")' * 21_845,
            "\n" * 65_535 + "a",
            " " * 65_535 + "a",
            "e\u0301" * 32_768,
            "e" + "\u0301" * 65_535,
            "\u200d" * 65_536,
            "👩\u200d👩\u200d👧" * 13_000,
            "。" * 65_536,
            "家" * 65_536,
            "ก" * 65_536,
            "e.g. " * 13_107,
            "Dr." * 21_845,
            "\u2026!?" * 21_845,
            "code " * 13_107,
            "1.5 " * 16_384,
            "***___)))" * 7_281,
            "\x00\x0b\x85 \u2028" * 13_107,
            "<a>&amp;\\n" * 6_553,
        ],
        ids=range(22),
    )
    def test_a_text_of_64_kib_is_read_in_linear_time(self, text):
        def cost(part: str) -> float:
            began = time.process_time()
            chosen = excerpt_of(part, "What is the code 1.5?")
            taken = time.process_time() - began
            limit = max(MAX_EXCERPT_CHARS, MAX_UNSPACED_CHARS)
            assert sum(end - start for start, end in chosen.spans) <= 2 * limit
            return taken

        # A quadratic step takes minutes on such a text, so the bound may be wide.
        assert cost(text) < 3
        assert len(cut_middle(text, 200)) <= 210


class TestSentences:
    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("One. Two! Three?", 3),
            ("Dr. Smith came at 3.5 p.m. and left.", 1),
            ("We use e.g. rope, approx. ten feet of it. Yes.", 2),
            ('She said "Go!" Then she left.', 2),
            ("See example.com/a.b.c for more", 1),
            ("first line\nsecond line", 2),
            ("Wait... What?", 2),
            ("Stop… Now go.", 2),
            ("今天很好。明天呢？后天！", 3),
            ("दिन अच्छा था। रात भी।", 2),
            ("هل تنام؟ نعم.", 2),
            ("  ", 0),
            ("", 0),
            ("J. R. Hartley wrote it. I read it.", 2),
            ("Está bien. ¿Vienes?", 2),
        ],
    )
    def test_ends_are_found(self, text, count):
        spans = split_sentences(text)
        assert len(spans) == count
        kept = "".join(text[start:end] for start, end in spans)
        assert "".join(kept.split()) == "".join(text.split())

    def test_a_long_one_is_cut_between_words(self):
        text = "word " * 400
        spans = split_sentences(text)
        assert all(end - start <= MAX_CHARS for start, end in spans)
        assert all(set(text[start:end].split()) == {"word"} for start, end in spans)

    def test_marks_stay_with_their_letter(self):
        text = "ka\u0301\u0302" * 400
        assert all(text[start] == "k" or text[start] == "a" for start, _ in split_sentences(text))


class TestMiddle:
    def test_start_and_end_are_left(self):
        text = f"It begins here. {filling('english', 3_000)}It ends there."
        cut = cut_middle(text, 200)
        assert cut.startswith("It begins here.")
        assert cut.endswith("It ends there.")
        assert " … " in cut
        assert len(cut) <= 205

    def test_a_short_text_stays_as_it_is(self):
        assert cut_middle("as it is", 8) == "as it is"
