"""Reads the labelled sentences of `data/`. All persons and events in them are made up.

`data/changes/*.jsonl`, line by line: scenarios `{a, changes, keeps}` (later sentences that make `a` untrue,
and such that do not), and logs `{said, over}` (sentences of some months, and the pairs [later, earlier] of
which the later makes the earlier untrue). Logs of chats, as memcubed writes their memories, have the number
of the turn of each (`turns`: no pair is of one turn), and pairs of which it is not known (`unsure`).

`data/worth/*.txt`: dialogues in which each sentence of a person has a label before it, [+] worth knowing
later or [-] said for the moment. "@ Ann Ben" begins a talk of two people, "@ user" one with an assistant.

`data/worth/*.jsonl`, line by line: a clause of a chat with an assistant, as memcubed divides sentences
(`said`), the sentence before it, the number of the chat, and whether it is worth knowing later.
"""

import json
import random
import re
from collections import Counter
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
OF_UNRELATED = 9_000  # pairs of statements that two people made, under one name
OF_LOG = 28  # pairs of a log that change nothing: the closest three quarters, and a random quarter
_NAME = re.compile(r"[^\W\d_a-z][\w-]+")
# Words that begin many sentences.
_NO_NAMES = frozenset(
    ["the", "a", "an", "he", "she", "it", "they", "his", "her", "their", "there", "this", "that"]
)
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
                found += read_log(source, path.stem, line)
    found += [Example(*pair, "plain", line) for line, pair in enumerate(make_plain_pairs())]
    return found


def read_unrelated() -> list[Example]:
    """Pairs of statements of two sources, with the name of the first one's person in both: none is a change.

    Statements of one source are about one life, so that from them alone a model learns that whatever tells of
    a loss has ended something.
    """
    people: list[tuple[str, list[str], int]] = []  # name, statements, line
    for path in sorted((DATA / "changes").glob("*.jsonl")):
        for line, source in enumerate(map(json.loads, path.read_text(encoding="utf-8").splitlines())):
            said = source.get("said") or [source["a"], *source["changes"], *source["keeps"]]
            name = find_name(said)
            if name is not None:
                people.append((name, [one for one in said if name in one], line))
    draw = random.Random(OF_UNRELATED)
    found: list[Example] = []
    for _ in range(OF_UNRELATED):
        (name, said, line), (other_name, other_said, _) = draw.sample(people, 2)
        later = rename_person(draw.choice(other_said), other_name, name)
        found.append(Example(draw.choice(said), later, False, "unrelated", line))
    return found


def rename_person(text: str, name: str, other: str) -> str:
    """The text with another name in place of one."""
    return re.sub(rf"\b{re.escape(name)}\b", other, text)


def find_name(said: list[str]) -> str | None:
    """The name that at least half of the statements begin with."""
    begins = Counter(match[0] for one in said if (match := _NAME.match(one)) is not None)
    if not begins:
        return None
    name, count = begins.most_common(1)[0]
    return name if count * 2 >= len(said) and name.lower() not in _NO_NAMES else None


def read_log(source: dict[str, Any], file: str, line: int) -> Iterator[Example]:
    """The pairs of a log that are changes, and of the others the closest and some by chance."""
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
    for path in sorted((DATA / "worth").glob("*.jsonl")):
        for clause in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            before = _last_words(clause["before"])
            found.append(Example(before, clause["said"], clause["worth"], path.stem, clause["chat"]))
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
