"""`memcubed eval`: its own sets, its matching, and a run over HTTP against a service with a real worker."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from app.cli.evaluation.command import OWN_DATA, EvaluationOptions, load_sets, run_evaluation
from app.cli.evaluation.matching import claims, content_words, holds, tells_as_current
from app.cli.evaluation.measures import Tallies
from app.cli.main import app as command
from app.core.errors import StartupRefused
from app.resources import Resources
from tests.conftest import app_of, make_key
from tests.served import served


class TestMatching:
    @pytest.mark.parametrize(
        ("text", "keys", "found"),
        [
            ("Ann lives in Kraków.", ["krakow"], True),
            ("Ann is allergic to nuts.", ["allerg", "nut"], True),
            ("Ann is nutty.", ["nut"], False),
            ("Ann has a caterer.", ["cat"], False),
            ("Ann pays 1,250 euros.", ["1250"], True),
            ("Ann pays 1 250 euros.", ["1,250"], True),
            ("Ann pays 12504 euros.", ["1250"], False),
            ("The half marathon took 2:04.", ["2:04"], True),
            ("It took 12:04.", ["2:04"], False),
            ("Ann has six hens.", ["6|six"], True),
            ("Ann has sixteen hens.", ["6|six"], False),
            ("Ann sold the Golf.", ["sold + golf"], True),
            ("Ann drives a Golf.", ["sold + golf"], False),
            ("Ann, too.", ["too", "ann"], True),
            ("Ann", ["Anna"], False),
            ("Bo's sister is Eva.", ["sister + eva|aunt"], True),
            ("Left-handed people", ["left-handed"], True),
            ("**Left** handed", ["left handed"], True),
            ("crème brûlée", ["creme brulee"], True),
            ("", ["a"], False),
            ("Tromsø", ["tromso"], True),
        ],
    )
    def test_holds(self, text: str, keys: list[str], found: bool):
        assert holds(text, keys) is found

    @pytest.mark.parametrize(
        ("content", "claimed"),
        [
            ("Ann runs a vineyard.", True),
            ("Does Ann run a vineyard?", False),
            ("Ann would run a vineyard.", False),
            ("Ann does not run a vineyard.", False),
            ("Ann imagines a vineyard.", False),
            ("Bo's vineyard is large.", False),
            ("Ann asked about a vineyard.", False),
        ],
    )
    def test_what_says_itself_that_it_is_no_claim_claims_nothing(self, content: str, claimed: bool):
        assert claims(content, {"all": ["vineyard"], "unless": ["Bo"]}) is claimed

    @pytest.mark.parametrize(
        ("content", "stale"),
        [
            ("Ann lives in Rome.", True),
            ("Ann used to live in Rome.", False),
            ("Ann moved away from Rome.", False),
            ("Ann lives in Rome. " + "Words of all kinds stand here. " * 4 + "She sold it.", True),
            ("Ann lives in Bonn.", False),
        ],
    )
    def test_an_ending_nearby_excuses(self, content: str, stale: bool):
        assert tells_as_current(content, ["Rome"]) is stale

    def test_content_words_leave_names_and_small_words_out(self):
        assert content_words("Ann has adopted the cats of Bo.", ["Ann"]) == {"adopt", "cats"}


class TestSets:
    def test_the_own_sets_are_large_enough_and_of_one_form(self):
        sets = load_sets(OWN_DATA, ())
        traps, musts = sets["traps"]["traps"], sets["traps"]["musts"]
        histories, samples = sets["changes"]["histories"], sets["coverage"]
        assert (len(traps) >= 30, len(musts) >= 30, len(histories) >= 20, len(samples) >= 2) == (True,) * 4
        cases = [*traps, *musts, *histories]
        assert len({case["id"] for case in cases}) == len(cases)
        for case in cases:
            assert {"session", "observed_at", "role", "content"} <= case["turns"][0].keys()
        for entry in [e for case in traps for e in [*case["forbidden"], *case.get("keep", [])]]:
            assert entry["all"]

    def test_a_key_that_must_be_held_stands_in_its_turns(self):
        """A set that asks for what nobody said measures nothing."""
        for case in load_sets(OWN_DATA, ["traps"])["traps"]["musts"]:
            said = " ".join(turn["content"] for turn in case["turns"])
            for entry in case["must"]:
                assert any(holds(said, [key]) for key in entry["all"]), case["id"]

    def test_what_can_not_be_read_is_refused(self, tmp_path: Path):
        with pytest.raises(StartupRefused, match="no measure speed"):
            load_sets(OWN_DATA, ["speed"])
        with pytest.raises(StartupRefused, match="nothing to evaluate"):
            load_sets(tmp_path, ())
        (tmp_path / "traps.json").write_text("{")
        with pytest.raises(StartupRefused, match="is no JSON"):
            load_sets(tmp_path, ())

    def test_a_url_needs_a_key(self):
        result = CliRunner().invoke(command, ["eval", "--url", "http://127.0.0.1:1"])
        assert isinstance(result.exception, StartupRefused)


def test_tallies_count_each_kind_and_all_of_them():
    tallies = Tallies()
    for case_id, kind, good in (("a", "x", True), ("b", "x", False), ("c", "y", True)):
        tallies.count("m", kind, case_id, good=good)
    assert [(row.kind, row.cases, row.good, row.share, row.failed) for row in tallies.rows()] == [
        ("x", 2, 1, 0.5, ["b"]),
        ("y", 1, 1, 1.0, []),
        ("all", 3, 2, 0.667, ["b"]),
    ]


def said(content: str, **more: Any) -> dict[str, Any]:
    return {"session": "s1", "observed_at": "2026-05-04T10:00:00Z", "role": "user", "content": content} | more


@pytest.mark.usefixtures("worker")
def test_a_run_over_http_measures_what_a_service_holds(resources: Resources, tenant: str, tmp_path: Path):
    held, missed = {"all": ["Oslo"]}, {"all": ["unicorn"]}
    traps = {
        "traps": [
            {
                "id": "t1",
                "kind": "k",
                "turns": [said("I live in Oslo.")],
                "forbidden": [missed],
                "keep": [held],
            },
            {"id": "t2", "kind": "k", "turns": [said("I live in Oslo.")], "forbidden": [held]},
        ],
        "musts": [
            {"id": "m1", "kind": "k", "turns": [said("I live in Oslo.")], "must": [held]},
            {"id": "m2", "kind": "k", "turns": [said("I live in Oslo.")], "must": [held, missed]},
        ],
    }
    question = {"query": "Where does Ann live?", "now_right": ["Oslo"], "now_wrong": ["Bergen"]}
    history = {"id": "h1", "kind": "k", "questions": [question]}
    history["turns"] = [said("I live in Oslo.", name="Ann", ref="t1")]
    talk = [{"speaker": "Ann", "dia_id": "D1:1", "text": "I live in Oslo."}]
    sample = {
        "sample_id": "c1",
        "conversation": {
            "speaker_a": "Ann",
            "session_1_date_time": "1:56 pm on 8 May, 2026",
            "session_1": talk,
        },
        "observation": {"session_1_observation": {"Ann": [["Ann lives in Oslo.", "D1:1"]]}},
    }
    for name, data in (("traps", traps), ("changes", {"histories": [history]}), ("coverage", [sample])):
        (tmp_path / f"{name}.json").write_text(json.dumps(data))
    out = tmp_path / "figures.json"
    with served(app_of(resources)) as port:
        options = EvaluationOptions(
            f"http://127.0.0.1:{port}", make_key(resources, tenant), data=tmp_path, wait_seconds=60, out=out
        )
        assert run_evaluation(options, Console(quiet=True))
    figures = json.loads(out.read_text())
    shares = {row["measure"]: row["share"] for row in figures["measures"] if row["kind"] == "all"}
    assert shares == {
        "traps hold": 0.5,
        "musts kept": 0.5,
        "right now": 1.0,
        "nothing stale": 1.0,
        "gold covered": 1.0,
        "memories useful": 1.0,
        "no duplicates": 1.0,
    }
    assert [row["failed"] for row in figures["measures"][:1]] == [["t2"]]
    assert figures["usage"]["jobs"] == {"succeeded": 6}
