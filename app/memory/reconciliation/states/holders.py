"""Whose state a clause tells: the account's person, a relative of somebody, a named person, or not said."""

import re
from dataclasses import dataclass

from app.core.text_caches import text_cache
from app.memory.reconciliation.states.state_words import KIN_NAMES
from app.memory.text.kinship import nearest_relation
from app.memory.text.word_lists import MONTHS_AND_DAYS
from app.memory.text.word_sets import word_set

_ACCOUNT = word_set("user i we me us myself my our")
_PRONOUNS = word_set("he she they it him her them his their who which that this there")
# Words that end what stands before the subject of a clause, seen from the right.
_BREAKS = MONTHS_AND_DAYS | word_set(
    """
    since from as of in on at after before by until during for to with about than like week weeks month months
    year years weekend morning evening afternoon night day days today yesterday tomorrow moment now then
    finally
    so well but or yes no if when while because although though once recently lately currently officially
    good news update turns out anyway actually sadly luckily happily apparently spring summer autumn winter
    """
)
_ADVERBS = word_set(
    """
    is are am was were be been being has have had do does did will would 's 're 've n't not never now just
    also still
    recently finally currently always already only really actually newly both all even probably again soon
    happily officially once got gets get getting become became now's it here there back so very quite too
    """
)
_EMPTY = word_set(
    "the a an and others other both all new current own old former late dear lovely little big elder"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is in a state: `words` of the name, of the relation, and of whose relative that is.

    All empty says that nobody is named. `is_pronoun` says that a sentence before tells who it is, `is_thing`
    that
    the holder is a thing of somebody.
    """

    names: frozenset[str] = frozenset()
    kin: str = ""
    owners: frozenset[str] = frozenset()
    is_pronoun: bool = False
    is_account: bool = False
    is_thing: bool = False


NOBODY = Holder()


@text_cache()
def read_holder(words: str) -> Holder:
    """Who the subject of a clause is; `words` stand before its verb, in lower case, with "'s" apart."""
    parts = words.replace(" 's", "'s").split()
    while parts and (parts[-1] in _ADVERBS or parts[-1].endswith("ly")):
        parts.pop()
    start = next((i + 1 for i in range(len(parts) - 1, -1, -1) if _breaks(parts[i])), 0)
    own = [part for part in parts[start:] if part not in _EMPTY]
    if not own:
        return NOBODY
    kin_at = next((i for i in range(len(own) - 1, -1, -1) if _kin(own[i].removesuffix("'s"))), None)
    owners = [part.removesuffix("'s") for part in own[:kin_at] if part.endswith(("'s", "s'"))]
    if kin_at is not None:
        names = frozenset(part.removesuffix("'s") for part in own[kin_at + 1 :])
        return Holder(names, _kin(own[kin_at].removesuffix("'s")), frozenset(owners) - _ACCOUNT)
    last = own[-1].removesuffix("'s")
    if any(part.endswith("'s") for part in own[:-1]):
        return Holder(frozenset([last]), is_thing=True)  # it is in no state of that person
    if last in _PRONOUNS and last not in _ACCOUNT:
        return Holder(is_pronoun=True)
    bare = frozenset(part.removesuffix("'s") for part in own)
    if bare & _ACCOUNT:
        return Holder(is_account=True)
    return Holder(bare)


def _breaks(word: str) -> bool:
    return word in _BREAKS or word[:1].isdigit()


@text_cache(5_000)
def _kin(word: str) -> str:
    """The relation that a word stands for, "" for none; "great-aunt" and "mother-in-law" are their own."""
    nearest = nearest_relation(word)
    if nearest not in KIN_NAMES:
        joined = word.removeprefix("step").removeprefix("-")
        return f"step-{KIN_NAMES[joined]}" if word.startswith("step") and joined in KIN_NAMES else ""
    return word.replace(nearest, KIN_NAMES[nearest])


def resolve_holder(holder: Holder, subject: str | None, self_names: frozenset[str]) -> Holder:
    """The holder with the names of the account's person told apart; nobody is whom the statement is about."""
    if holder.kin:
        return Holder(holder.names, holder.kin, holder.owners - self_names)
    if holder.is_thing:
        return holder
    if holder.is_account or holder.names & self_names:
        return Holder(is_account=True)
    if holder != NOBODY or subject is None:
        return holder if holder != NOBODY else Holder(is_account=True)
    words = frozenset(subject.casefold().split())
    if words & (self_names | {"user"}):
        return Holder(is_account=True)
    kin = next((found for word in words if (found := _kin(word))), "")
    return Holder(words if not kin else frozenset(), kin)


def is_same_holder(one: Holder, other: Holder) -> bool:
    """Whether two resolved holders are one: no two persons ever replace each other's states."""
    if one.is_pronoun or other.is_pronoun:
        return False
    if one.is_account or other.is_account:
        return one.is_account and other.is_account
    if one.kin and other.kin:
        if one.kin != other.kin or one.owners != other.owners:
            return False
        return not one.names or not other.names or bool(one.names & other.names)
    return bool(one.names & other.names)


_OWNER = re.compile(r"^(?P<owner>.*?)(?:(?:^| )(?:'s|my|our|his|her|their)|s ')$")


def read_owner(words: str) -> Holder | None:
    """Whose thing a noun is, by the words before it ("ann 's", "my"); None if they name no owner."""
    stripped = words.strip()
    if not stripped or stripped.split()[-1] in ("the", "this", "that"):
        return None
    match = _OWNER.match(stripped)
    if match is None:
        return None
    last = stripped.split()[-1]
    if last in ("my", "our"):
        return Holder(is_account=True)
    if last in ("his", "her", "their"):
        return Holder(is_pronoun=True)
    return read_holder(match["owner"])
