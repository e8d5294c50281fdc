"""The form of a text that rules read, and the way back to the original."""

import unicodedata
from bisect import bisect_right
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import Role
from app.memory.extraction.offline.statements import find_statements
from app.memory.reconciliation.decisions import content_hash
from app.memory.text.analysis_text import analyse_original
from app.memory.types import Turn
from tests.parsing import PARSER

MARKS = "\u0301\u0323\u0308\u20e3\ufe0f"
ANY_TEXT = st.text(
    st.sampled_from("ab Éß1*_~`#[]()<>-+.!?\\|>\n\r\t\u00a0\u200b\u00ad🎉️👨‍👩‍👧ｌﬁ—…“’:)漢" + MARKS),
    max_size=60,
)
UNMARKED = st.characters(
    exclude_characters="*_~`#[]()<>-+\\\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u00b7"
    "=:;|/'^xX.0123456789"
)
PRINTED = st.characters(
    exclude_categories=["Cf", "Cc", "Cs", "So", "Zl", "Zp"], exclude_characters="*_~`#[]()<>-+\\:;=^"
)
WRAPPED = "I have been working as a carpenter in the small town "


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Caf\u0065\u0301 Zo\u00eb", "Café Zoë"),
        ("nai\u0308ve A\u030angstro\u0308m", "naïve Ångström"),
        ("Vie\u0302\u0323t Nam", "Việt Nam"),
        ("my\u200b al\u00adlergy\ufeff", "my allergy"),
        ("\u202ecats\u202c and \u2066dogs\u2069", "cats and dogs"),
        ("10\u00a0km\u2009a\u3000day", "10 km a day"),
        ("Ｉ ｏｗｎ ２ ｂｏａｔｓ！", "I own 2 boats!"),
        ("𝓘 𝐨𝐰𝐧 a ﬁsh", "I own a fish"),
        ("I’m “fine”… «really»", 'I\'m "fine"... "really"'),
        ("1990–1995, minus −5", "1990-1995, minus -5"),
        ("in Bath—my home", "in Bath - my home"),
        ("a **boat**, a *car*, a ***van***", "a boat, a car, a van"),
        ("__Ann__ and _Bo_", "Ann and Bo"),
        ("un**believ**able", "unbelievable"),
        ("my file is snake_case_name and 2*3*4", "my file is snake_case_name and 2*3*4"),
        ("2 * 3 * 4 and *.py or *.txt", "2 * 3 * 4 and *.py or *.txt"),
        ("I own a ~~car~~ boat", "I own a boat"),
        ("~~I own a *car*~~ I own a boat", "I own a boat"),
        ("about ~5 km, ~10 at most", "about ~5 km, ~10 at most"),
        ("I use `vim` and ``emacs`` ", "I use vim and emacs"),
        ("[my site](https://a.example/x_y) ![a cat](c.png)", "my site a cat"),
        ("<https://a.example/b_c_d>", "https://a.example/b_c_d"),
        (r"\*not\* bold", "*not* bold"),
        ("# About me\nI sail", "About me\nI sail"),
        ("## Pets ##\n\n\n\n* two cats", "Pets\n\ntwo cats"),
        ("- [x] sail\n- [ ] ski\n  * swim\n• run", "sail\nski\nswim\nrun"),
        ("1. sail\n2) ski", "sail\nski"),
        ("3. June is my birthday", "3. June is my birthday"),
        ("above\n---\nbelow", "above\n\nbelow"),
        ("```\nx = **y**  # z\n```\nI **sail**", "```\nx = **y** # z\n```\nI sail"),
        ("> she said *no*", "> she said no"),
        ("I sail 🎉 We won ⛵", "I sail\nWe won"),
        ("I love 🍕 and 🍝!", "I love and !"),
        ("we want 🍕 the most", "we want the most"),
        ("jo and 🐶 the dog", "jo and the dog"),
        ("we moved 🎉 i am happy", "we moved\n\ni am happy"),
        ("new job 💼 they are kind", "new job\n\nthey are kind"),
        ("rex is home 🐕 he sleeps", "rex is home\n\nhe sleeps"),
        ("eva called 📞 she is fine", "eva called\n\nshe is fine"),
        ("got the keys 🔑 there is a garden", "got the keys\n\nthere is a garden"),
        ("the boat is sold ⛵ my dad cried", "the boat is sold\n\nmy dad cried"),
        ("we won :-) our team is great", "we won\n\nour team is great"),
        ("i need 🐶 the dog", "i need the dog"),
        ("i think 🤔 it rains", "i think it rains"),
        ("with 🐶 my dog", "with my dog"),
        ("cats, 🐱 the best", "cats, the best"),
        ("i 🐶 and we 🐱 and they", "i and we and they"),
        ("jo moved 🚚 we and eva helped", "jo moved we and eva helped"),
        ("sold the car 🚗 it was old", "sold the car\n\nit was old"),
        ("sold the car 🚗 and the bike", "sold the car and the bike"),
        ("From 🇮🇸 Iceland :-)", "From Iceland"),
        ("1️⃣ ok", "1 ok"),
        ("one\r\ntwo\u2028three\x0bfour", "one\ntwo\nthree\nfour"),
        (f"{WRAPPED}called\nYork since May", f"{WRAPPED}called\nYork since May"),
        (f"{WRAPPED}of\nYork since May", f"{WRAPPED}of York since May"),
        (f"{WRAPPED}called\nor named York", f"{WRAPPED}called or named York"),
        ("soooo goooood", "soooo goooood"),
        ("", ""),
        ("🎉", ""),
    ],
)  # fmt: skip
def test_what_rules_read(said: str, read: str) -> None:
    assert analyse_original(said).text == read


@pytest.mark.parametrize(
    ("said", "part", "quoted"),
    [
        ("a **boat**!", "boat", "boat"),
        ("a **boat** mine", "a boat mine", "a **boat** mine"),
        ("I own a ~~car~~ boat", "own a boat", "own a ~~car~~ boat"),
        ("Zoe\u0308\u0323x", "Zoẹ̈", "Zoe\u0308\u0323"),
        ("Zoe\u0308", "e", None),
        ("a \ufb01sh", "f", "\ufb01"),
        ("al\u00adler\u200bgy.", "allergy", "al\u00adler\u200bgy"),
        ("[home](http://x.example) sweet", "home", "home"),
        ("so… yes", "..", "…"),
        ("in Bath—my home", "Bath - my", "Bath—my"),
        ("Hi 👋🏽 I sail", "Hi", "Hi"),
        ("one\r\ntwo", "one\ntwo", "one\r\ntwo"),
    ],
)
def test_a_part_is_quoted_as_it_was_written(said: str, part: str, quoted: str | None) -> None:
    analysis = analyse_original(said)
    start = analysis.text.find(unicodedata.normalize("NFC", part))
    if quoted is None:
        assert start < 0
    else:
        assert analysis.quote(start, start + len(unicodedata.normalize("NFC", part))) == quoted


@given(ANY_TEXT)
def test_every_character_stands_for_a_part_of_the_original_in_order(original: str) -> None:
    analysis = analyse_original(original)
    assert len(analysis.offsets) == len(analysis.text) + 1
    assert list(analysis.offsets) == sorted(analysis.offsets)
    for number, (start, end) in enumerate(zip(analysis.offsets, analysis.ends, strict=False)):
        assert 0 <= start < end <= len(original)
        # A part ends where a character ends: no mark is left without its letter.
        if not original[end - 1].isspace():
            assert unicodedata.combining(original[end : end + 1] or "a") == 0, number


@given(st.text(PRINTED, max_size=60))
def test_the_whole_text_quotes_the_whole_original(original: str) -> None:
    analysis = analyse_original(original)
    quote = analysis.quote(0, len(analysis.text))
    assert analyse_original(quote).text == analysis.text
    if analysis.text and not original[0].isspace() and analysis.offsets[0] == 0:
        assert original.startswith(quote)


@given(st.text(UNMARKED, max_size=80))
def test_a_text_that_was_read_once_stays_as_it_is(original: str) -> None:
    once = analyse_original(original).text
    assert analyse_original(once).text == once


@pytest.mark.parametrize(
    "unit",
    ["a\u0301\u0323", "*a ", "a* ", "_a_", "[", "[a](", "`", "`a ", " ", "\n ", "```\n", " 🎉 A", "~~a", "# ",
     "<http://", "- ", "1. a\n", "\\*", ":)", "a**b"],
)  # fmt: skip
def test_a_hostile_text_takes_no_more_than_its_length(unit: str) -> None:
    # A quadratic pass over it would take minutes, which the time limit of a test would end.
    analysis = analyse_original(unit * 30_000)
    assert bisect_right(analysis.offsets, 30_000 * len(unit)) == len(analysis.offsets)


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        ("- I'm 41\n- I sail\n- My boat is called *Tern*", ["I'm 41", "I sail", "My boat is called *Tern"]),
        ("1. I ski\n2. I swim", ["I ski", "I swim"]),
        ("# About me\nI sail. I ski.", ["About me", "I sail.", "I ski."]),
        ("We won 🎉 I am so happy", ["We won", "I am so happy"]),
        ("we won 🎉 we are so happy", ["we won", "we are so happy"]),
        (
            "Jo swapped it for a bass guitar 🙏 the neighbours sent flowers",
            ["Jo swapped it for a bass guitar", "the neighbours sent flowers"],
        ),
        ("i sold the shop 🎉 my hands are thrilled", ["i sold the shop", "my hands are thrilled"]),
        ("i love 🐶 my dog", ["i love 🐶 my dog"]),
        ("i saw a 🐶 the other day", ["i saw a 🐶 the other day"]),
        ("i sail\ni have a dog", ["i sail", "i have a dog"]),
        ("I sail.\n\n\nI ski.", ["I sail.", "I ski."]),
    ],
)
def test_a_line_break_ends_a_sentence(said: str, sentences: list[str]) -> None:
    when = datetime(2026, 5, 4, tzinfo=UTC)
    turn = Turn(UUID(int=1), "u", "s", 1, Role.USER, said, when)
    found = list(find_statements([turn], PARSER))
    assert [one.analysis.quote(*one.span) for one in found] == sentences
    for one in found:
        for token in one.tokens:
            # A parser may read a word as it should be written ("i" as "I").
            assert one.analysis.text[token.start : token.end].lower() == token.text.lower()


@pytest.mark.parametrize(
    "said",
    ["**nuts**", "_nuts_", "nu\u200bts", "n\u00aduts", "ｎｕｔｓ", "nuts 🥜", "`nuts`", "- nuts", "NUTS.",
     "~~figs~~ nuts", "\ufeffnuts", "\u202anuts\u202c", "nuts\u00a0", "[nuts](https://x.example)"],
)  # fmt: skip
def test_a_value_is_the_same_however_it_is_marked(said: str) -> None:
    assert content_hash(said) == content_hash("nuts")
    assert content_hash("cre\u0300me") == content_hash("crème")
