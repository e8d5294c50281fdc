"""Reads the labelled sentences of `data/`. All persons and events in them are made up.

`data/changes/*.jsonl`, line by line: scenarios `{a, changes, keeps}` (later sentences that make `a` untrue,
and such that do not), and logs `{said, over}` (sentences of some months, and the pairs [later, earlier] of
which the later makes the earlier untrue). Logs of chats, as memcubed writes their memories, have the number
of the turn of each (`turns`: no pair is of one turn), and pairs of which it is not known (`unsure`).

`data/worth/*.txt`: dialogues in which each sentence of a person has a label before it, [+] worth knowing
later or [-] said for the moment. "@ Ann Ben" begins a talk of two people, "@ user" one with an assistant.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tokenizers import Tokenizer

from scripts.sentence_judge.plain_pairs import make_plain_pairs

DATA = Path(__file__).parent / "data"
TOKENIZER = Tokenizer.from_file(str(Path(__file__).parents[2] / "app/llm/data/minilm-tokenizer.json"))
TOKENIZER.no_truncation()
TOKENIZER.no_padding()
# As in app.llm.sentence_judge, which is not imported: who trains has an environment without memcubed.
START, END, MAX_SENTENCE_TOKENS, MAX_BEFORE_TOKENS = 101, 102, 62, 24
QUESTIONS = {"change": 6, "worth": 3}  # with the number of layers that read them
OF_LOG = 28  # pairs of a log that change nothing: the closest three quarters, and a random quarter
_LABELLED = re.compile(r"\[([+-])\] (.*?)(?=\s*\[[+-]\] |$)")


class Example(NamedTuple):
    """Two sentences, the right answer, and the file and the line or dialogue that they are from."""

    first: str
    second: str
    is_yes: bool
    file: str
    line: int


def read_changes() -> list[Example]:
    """Pairs (earlier, later): does the later make the earlier untrue? Of logs a sample."""
    found: list[Example] = []
    for path in sorted((DATA / "changes").glob("*.jsonl")):
        for line, source in enumerate(map(json.loads, path.read_text(encoding="utf-8").splitlines())):
            if "a" in source:
                for is_change, name in ((True, "changes"), (False, "keeps")):
                    found += [
                        Example(source["a"], later, is_change, path.stem, line) for later in source[name]
                    ]
            else:
                found += _read_log(source, path.stem, line)
    found += [Example(*pair, "plain", line) for line, pair in enumerate(make_plain_pairs())]
    return found


def _read_log(source: dict[str, Any], file: str, line: int) -> Iterator[Example]:
    said, over = source["said"], {tuple(pair) for pair in source["over"]}
    turns = source.get("turns", range(len(said)))
    unsure = {tuple(pair) for pair in source.get("unsure", ())}
    words = [set(sentence.lower().split()) for sentence in said]
    kept: list[tuple[float, int, int]] = []
    for later in range(len(said)):
        for earlier in range(later):
            if turns[earlier] == turns[later] or (later, earlier) in unsure:
                continue
            if (later, earlier) in over:
                yield Example(said[earlier], said[later], True, file, line)
            else:
                shared = len(words[later] & words[earlier]) / min(len(words[later]), len(words[earlier]))
                kept.append((shared, later, earlier))
    draw = random.Random(line)
    kept.sort(reverse=True)
    close = kept[: OF_LOG * 3 // 4]
    rest = kept[len(close) :]
    for _, later, earlier in close + draw.sample(rest, min(OF_LOG - len(close), len(rest))):
        yield Example(said[earlier], said[later], False, file, line)


def read_talk() -> list[Example]:
    """Pairs (what was said before, sentence): is the sentence worth knowing later?"""
    found: list[Example] = []
    for path in sorted((DATA / "worth").glob("*.txt")):
        dialogues = re.split(r"(?m)^@ ", path.read_text(encoding="utf-8"))[1:]
        for number, dialogue in enumerate(dialogues):
            found += _read_dialogue(dialogue, path.stem, number)
    return found


def _read_dialogue(dialogue: str, file: str, number: int) -> Iterator[Example]:
    before = ""
    for line in dialogue.strip().splitlines()[1:]:
        said = line.partition(":")[2].strip()
        labelled = [(found[2].strip(), found[1] == "+") for found in _LABELLED.finditer(said)]
        for sentence, is_worth in labelled:
            if sentence:
                yield Example(_last_words(before), sentence, is_worth, file, number)
                before = sentence
        if said and not labelled:
            before = said


def _last_words(text: str) -> str:
    encoded = TOKENIZER.encode(text, add_special_tokens=False)
    if len(encoded.ids) <= MAX_BEFORE_TOKENS:
        return text
    return text[encoded.offsets[-MAX_BEFORE_TOKENS][0] :]
