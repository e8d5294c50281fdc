"""The three measures: what must and must not be stored, what changes, and what of a dialogue is covered.

Each reads a file of cases, uses the service by its public API with a user of its own for each case, and
counts for each kind of case how many came out well. docs/operations.md explains the format of the files.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from app.cli.evaluation.matching import claims, content_words, holds, tells_as_current
from app.cli.evaluation.service import Service
from app.core.vocabulary import Kind, Status

ALL = "all"
STATED_KINDS = [Kind.FACT, Kind.PREFERENCE, Kind.EVENT]
_DERIVED = frozenset([Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT])
_COVERED_SHARE, _MATCHED_SHARE, _DUPLICATE_SHARE = 0.5, 0.25, 0.9
Case = Mapping[str, Any]
ResultT = TypeVar("ResultT")


@dataclass
class Tally:
    """How many of the cases of one measure and kind came out well, and the ids of the others."""

    measure: str
    kind: str
    cases: int = 0
    good: int = 0
    failed: list[str] = field(default_factory=list[str])

    @property
    def share(self) -> float:
        """The share of cases that came out well."""
        return round(self.good / self.cases, 3) if self.cases else 0.0


class Tallies:
    """The tallies of all measures, in the order in which they were first counted."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str], Tally] = {}

    def count(self, measure: str, kind: str, case_id: str, *, good: bool) -> None:
        """Count a case, for its kind and for all."""
        for name in (kind, ALL):
            tally = self._by_name.setdefault((measure, name), Tally(measure, name))
            tally.cases += 1
            tally.good += good
            if not good:
                tally.failed.append(case_id)

    def rows(self) -> list[Tally]:
        """The tallies by measure, that of all cases last."""
        measures = dict.fromkeys(measure for measure, _ in self._by_name)
        return [
            tally
            for measure in measures
            for tally in sorted(
                (one for one in self._by_name.values() if one.measure == measure),
                key=lambda one: one.kind == ALL,
            )
        ]


def measure_traps(service: Service, data: Case, prefix: str, workers: int, tallies: Tallies) -> None:
    """Count the traps that hold and the musts that are kept."""

    def read(case: Case) -> tuple[Case, list[str]]:
        service.post_turns(prefix + case["id"], case["turns"])
        return case, [memory["content"] for memory in service.list_memories(prefix + case["id"])]

    for case, contents in _map(read, data["traps"], workers):
        is_claimed = any(claims(content, entry) for entry in case["forbidden"] for content in contents)
        is_kept = all(
            any(holds(content, entry["all"]) for content in contents) for entry in case.get("keep", ())
        )
        tallies.count("traps hold", case["kind"], case["id"], good=is_kept and not is_claimed)
    for case, contents in _map(read, data["musts"], workers):
        is_kept = all(any(holds(content, entry["all"]) for content in contents) for entry in case["must"])
        tallies.count("musts kept", case["kind"], case["id"], good=is_kept)


def measure_changes(service: Service, data: Case, prefix: str, workers: int, tallies: Tallies) -> None:
    """Count the questions about changes whose first item is right, with nothing stale told as current."""

    def ask(history: Case) -> list[tuple[str, str, bool, bool]]:
        user = prefix + history["id"]
        turns = history["turns"]
        order = history.get("post_order") or range(len(turns))
        for place in order:
            service.post_turns(user, [turns[place]])
        after = max(datetime.fromisoformat(turn["observed_at"]) for turn in turns) + timedelta(hours=1)
        return [_ask(service, user, history["kind"], question, after) for question in history["questions"]]

    for history, answers in zip(data["histories"], _map(ask, data["histories"], workers), strict=True):
        for measure, kind, is_right, is_stale in answers:
            tallies.count(measure, kind, history["id"], good=is_right and not is_stale)
            if measure == "right now":
                tallies.count("nothing stale", kind, history["id"], good=not is_stale)


def _ask(
    service: Service, user: str, kind: str, question: Case, after: datetime
) -> tuple[str, str, bool, bool]:
    """(measure, kind, whether the first item is right, whether something stale is told as current)."""
    as_of = question.get("as_of")
    when = {"as_of": as_of} if as_of else {"reference_time": after.isoformat()}
    right, wrong = (question[name] for name in (("right", "wrong") if as_of else ("now_right", "now_wrong")))
    items = service.search(user, question["query"], kinds=STATED_KINDS, **when)
    now = datetime.fromisoformat(as_of) if as_of else datetime.now(UTC)
    good = [any(holds(item["content"], [key]) for key in right) for item in items]
    stale = [
        not is_good and _is_current(item, now) and tells_as_current(item["content"], wrong)
        for is_good, item in zip(good, items, strict=True)
    ]
    return "right then" if as_of else "right now", kind, bool(good and good[0]), any(stale)


def _is_current(item: Case, now: datetime) -> bool:
    if item.get("superseded_by") or item.get("status") not in {None, Status.ACTIVATED}:
        return False
    return not item.get("valid_to") or datetime.fromisoformat(item["valid_to"]) > now


def measure_coverage(
    service: Service, samples: Sequence[Case], prefix: str, workers: int, tallies: Tallies
) -> None:
    """Count the gold facts of dialogues that a memory covers, and the memories that cover some gold fact."""

    def read(sample: Case) -> tuple[Case, list[tuple[set[str], set[str]]]]:
        user, conversation = prefix + sample["sample_id"], sample["conversation"]
        names = _speakers(conversation)
        service.post_turns(user, _turns_of(conversation))
        memories = [one for one in service.list_memories(user) if one["kind"] not in _DERIVED]
        return sample, [
            (service.list_source_refs(one["id"]), content_words(one["content"], names)) for one in memories
        ]

    for sample, memories in _map(read, samples, workers):
        golds = list(_gold_facts(sample))
        for number, (refs, words) in enumerate(golds, 1):
            best = max((len(words & has) / len(words) for at, has in memories if at & refs), default=0.0)
            name = f"{sample['sample_id']} #{number}"
            tallies.count("gold covered", "dialogue", name, good=best >= _COVERED_SHARE)
        for number, (refs, has) in enumerate(memories, 1):
            matched = any(len(words & has) / len(words) >= _MATCHED_SHARE for at, words in golds if at & refs)
            name = f"{sample['sample_id']} memory {number}"
            tallies.count("memories useful", "dialogue", name, good=matched)
            others = [
                other for place, (_, other) in enumerate(memories, 1) if place != number and other and has
            ]
            twice = any(len(has & other) / len(has | other) >= _DUPLICATE_SHARE for other in others)
            tallies.count("no duplicates", "dialogue", name, good=not twice)


def _speakers(conversation: Case) -> list[str]:
    return [conversation[name] for name in ("speaker_a", "speaker_b") if conversation.get(name)]


def _turns_of(conversation: Case) -> Iterator[dict[str, Any]]:
    for session in _sessions(conversation):
        start = datetime.strptime(conversation[f"{session}_date_time"], "%I:%M %p on %d %B, %Y").replace(
            tzinfo=UTC
        )
        for turn in conversation[session]:
            spoken = {"session": session, "role": "user", "name": turn["speaker"], "ref": turn["dia_id"]}
            yield spoken | {"content": turn["text"], "observed_at": start.isoformat()}


def _sessions(conversation: Case) -> list[str]:
    names = [name for name in conversation if re.fullmatch(r"session_\d+", name)]
    return sorted(names, key=lambda name: int(name.removeprefix("session_")))


def _gold_facts(sample: Case) -> Iterator[tuple[set[str], set[str]]]:
    """Yield (refs of its evidence, its content words) of each gold fact that has both."""
    names = _speakers(sample["conversation"])
    for by_speaker in sample["observation"].values():
        for fact, evidence in (pair for pairs in by_speaker.values() for pair in pairs):
            refs = set(re.findall(r"D\d+:\d+", str(evidence)))
            words = content_words(fact, names)
            if refs and words:
                yield refs, words


def _map(run: Callable[[Case], ResultT], cases: Sequence[Case], workers: int) -> list[ResultT]:
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, cases))
