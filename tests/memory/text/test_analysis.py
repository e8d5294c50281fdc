"""Words and BM25."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.index.inverted_index import InvertedIndex
from app.memory.text.analysis import analyze_text, is_unspaced

TERMS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=6)


def built(texts: list[list[str]]) -> InvertedIndex:
    index = InvertedIndex()
    for terms in texts:
        index.add_document(terms)
    return index


class TestAnalyze:
    def test_words_are_stemmed_and_stop_words_left_out(self):
        assert analyze_text("The Dogs were running!") == analyze_text("a dog runs")

    def test_a_chinese_run_becomes_pairs_and_characters_that_may_be_words(self):
        assert analyze_text("我住在奥斯陆") == [
            "我住",
            "住在",
            "在奥",
            "奥斯",
            "斯陆",
            "住",
            "奥",
            "斯",
            "陆",
        ]

    def test_japanese_and_korean_too(self):
        assert analyze_text("東京タワー") == ["東京", "京タ", "タワ", "ワー", "東", "京"]
        assert analyze_text("서울에") == ["서울", "울에"]
        assert analyze_text("차를") == ["차를", "차"]

    def test_syllables_of_thai_lao_khmer_and_burmese_are_paired(self):
        assert analyze_text("อาหารไทย") == ["อาหา", "หาร", "รไท", "ไทย", "อา", "หา", "ไท"]
        assert analyze_text("ກາເຟ") == ["ກາເຟ", "ກາ", "ເຟ"]
        assert analyze_text("កាហ្វេ") == ["កាហ្វេ", "កា", "ហ្វេ"]
        assert analyze_text("ဆရာမ") == ["ဆရာ", "ရာမ", "ရာ"]

    def test_scripts_are_parted(self):
        assert analyze_text("iPhone15を買った") == ["iphone15", "を買", "買っ", "った", "買"]

    def test_width_and_composition_make_no_difference(self):
        assert analyze_text("\uff29\uff22\uff2d") == ["ibm"]
        assert analyze_text("cre\u0300me bru\u0302le\u0301e") == analyze_text("crème brûlée")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("猫", True),
            ("แมว", True),
            ("고양이", True),
            ("What is 猫?", False),
            ("Katze", False),
            ("42", False),
            ("", False),
        ],
    )
    def test_what_is_written_without_spaces(self, text: str, expected: bool):
        assert is_unspaced(text) is expected

    def test_one_character_stays(self):
        assert analyze_text("猫") == ["猫"]

    def test_accents_numbers_and_nothing(self):
        assert analyze_text("München 42") == ["münchen", "42"]
        assert analyze_text("?! …") == []


class TestScores:
    def test_a_value_worked_out_by_hand(self):
        index = built([["oslo", "oslo", "rain"], ["bergen"], ["oslo", "sun"]])
        worth = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
        first = worth * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2))
        third = worth * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 2))
        assert index.score_documents(["oslo"]).tolist() == pytest.approx([first, 0.0, third])

    def test_a_term_asked_twice_counts_once(self):
        index = built([["a"], ["b"]])
        assert index.score_documents(["a", "a"]).tolist() == index.score_documents(["a"]).tolist()

    def test_the_rarer_term_is_worth_more(self):
        index = built([["common", "rare"], ["common"], ["common"]])
        assert index.score_documents(["rare"])[0] > index.score_documents(["common"])[0] > 0

    def test_nothing_indexed_or_asked(self):
        assert InvertedIndex().score_documents(["a"]).shape == (0,)
        assert built([["a"], []]).score_documents([]).tolist() == [0.0, 0.0]
        assert built([[], []]).score_documents(["a"]).tolist() == [0.0, 0.0]


class TestGrowth:
    @given(st.lists(TERMS, min_size=1, max_size=6))
    def test_questions_between_texts_change_nothing(self, texts):
        asked = InvertedIndex()
        for number, terms in enumerate(texts):
            asked.add_document(terms)
            for term in "abcd":
                np.testing.assert_array_equal(
                    asked.score_documents([term]), built(texts[: number + 1]).score_documents([term])
                )

    @given(st.lists(st.tuples(TERMS, TERMS), min_size=1, max_size=6))
    def test_replacing_equals_building_anew(self, parts):
        changed = built([old for old, _ in parts])
        for place, (old, new) in enumerate(parts):
            changed.score_documents("abcd")
            changed.replace_document(place, old, new)
        anew = built([new for _, new in parts])
        assert len(changed) == len(anew)
        for term in "abcd":
            np.testing.assert_allclose(
                changed.score_documents([term]), anew.score_documents([term]), rtol=1e-6
            )
