"""Short plain statements about one person, which people's chats are full of and written scenarios lack.

`data/plain.json` has names, and forms of sentences with values: what a person has one of at a time, may have
several of, and what is always so.

"Eva works as a nurse" after "Eva lives in Rome" adds something; "Eva lives in Oslo" after it is a change, and
"Eva speaks German" after "Eva speaks French" is none, as one can speak both.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

COUNT = 6_000  # pairs
DATA = Path(__file__).parent / "data" / "plain.json"
_NOW = ("{} now", "as of May, {}", "these days {}", "{} since April 2025")


class PlainPair(NamedTuple):
    """An earlier and a later statement, and whether the later one makes the earlier untrue."""

    earlier: str
    later: str
    is_change: bool


def make_plain_pairs(count: int = COUNT) -> Iterator[PlainPair]:
    """Yield pairs, the same in every run; a third of them are changes."""
    draw = random.Random(18)
    source = json.loads(DATA.read_text(encoding="utf-8"))
    names, people = source["names"], source["people"]
    one, many, always = (list(source[group].items()) for group in ("one", "many", "always"))
    for number in range(count):
        name, owner, other = draw.sample(names, 3)
        known = draw.choice(people).format(owner=owner, name=name) if draw.random() < 0.35 else name
        subjects = (known, name) if draw.random() < 0.7 else (name, known)
        kind = number % 6
        if kind < 2:  # another value of what there is one of
            form, values = draw.choice(one)
            old, new = draw.sample(values, 2)
            later = _say(subjects[1], form.format(new), draw, is_marked=draw.random() < 0.5)
            yield PlainPair(_say(subjects[0], form.format(old), draw), later, True)
        elif kind == 2:  # one more of what there may be many of
            form, values = draw.choice(many)
            old, new = draw.sample(values, 2)
            yield PlainPair(
                _say(subjects[0], form.format(old), draw), _say(subjects[1], form.format(new), draw), False
            )
        elif kind == 3:  # the like of somebody else
            form, values = draw.choice(one)
            old, new = draw.sample(values, 2)
            later = _say(other, form.format(new), draw, is_marked=draw.random() < 0.3)
            yield PlainPair(_say(subjects[0], form.format(old), draw), later, False)
        else:  # something else
            (form, values), (other_form, others) = draw.sample([*one, *many, *always], 2)
            if _is_alike(form, other_form):
                continue
            later = other_form.format(draw.choice(others))
            is_marked = other_form in source["one"] and draw.random() < 0.35
            yield PlainPair(
                _say(subjects[0], form.format(draw.choice(values)), draw),
                _say(subjects[1], later, draw, is_marked=is_marked),
                False,
            )


def _is_alike(form: str, other: str) -> bool:
    """Whether two forms tell of one thing: where somebody lives, whom they love, what they work."""
    groups = (("lives", "based"), ("married", "dating"), ("works as", "works at", "sits in", "studies"))
    return any(any(w in form for w in group) and any(w in other for w in group) for group in groups)


def _say(subject: str, predicate: str, draw: random.Random, *, is_marked: bool = False) -> str:
    said = f"{subject} {predicate}"
    if not is_marked:
        return said
    marked = draw.choice(_NOW).format(said)
    return marked[:1].upper() + marked[1:]
