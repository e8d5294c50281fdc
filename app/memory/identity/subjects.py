"""Subjects: which person or thing a name in a statement means.

The account's person is the subject "user", whatever name the turns carry. Others have one canonical
lower-case name each; further names are aliases that lead to it. An alias of two persons means neither.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.vocabulary import AliasSource, Role
from app.memory.identity.attribute_names import fold_text
from app.memory.text.word_sets import word_set
from app.memory.types import Turn

ACCOUNT = "user"
ASSISTANT = "assistant"
# Without articles, which are folded away.
_USER_WORDS = frozenset(["user", "account", "account holder", "customer", "human"])
_SPEAKER_WORDS = frozenset(["", "i", "me", "myself", "self", "speaker", "we", "my", "mine"])
_ASSISTANT_WORDS = frozenset(["assistant", "ai", "bot", "chatbot", "model"])
_ROLE_SYNONYMS = {
    synonym: role
    for role, synonyms in {
        "mother": "mum mom mama mam mummy mommy ma",
        "father": "dad papa daddy pa pop",
        "grandmother": "grandma granny nan nana gran nanna",
        "grandfather": "grandpa grandad granddad gramps",
        "fiancée": "fiancee fiancé fiance",
        "husband": "hubby",
        "wife": "wifey missus",
        "child": "kid",
        "children": "kids",
        "parents": "folks",
        "sister": "sis",
        "brother": "bro",
        "aunt": "auntie aunty",
        "boss": "manager supervisor",
        "roommate": "flatmate housemate",
    }.items()
    for synonym in synonyms.split()
}
# Of these a speaker mostly means one person, so "my sister Eva" says who the sister is; friends are many.
LINKED_ROLES = word_set(
    """
    wife husband partner girlfriend boyfriend spouse mother father sister brother son daughter grandmother
    grandfather stepmother stepfather stepson stepdaughter twin aunt uncle niece nephew grandson granddaughter
    mother-in-law father-in-law sister-in-law brother-in-law boss therapist doctor dentist landlord landlady
    roommate fiancée dog cat puppy kitten parrot rabbit hamster horse pony tortoise
    """
) | {"best friend"}
_ROLES = (
    LINKED_ROLES
    | {*_ROLE_SYNONYMS, *_ROLE_SYNONYMS.values()}
    | word_set("friend colleague cousin neighbour teacher coach mentor family parent siblings friends")
)
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "madam"])
_POSSESSIVE = re.compile(r"(?P<whose>my|our|the user's|user's|users'|.+?(?:'s|s'))\s+(?P<what>.+)")
_OF = re.compile(r"(?:the )?(?P<what>[\w-]+(?: [\w-]+)?) of (?:the )?(?P<whose>user|speaker)")
_AGE_WORDS = re.compile(
    r"^(?:(?:old|new|late|dear|little|younger|older|elder|eldest|youngest|oldest|big|twin|only|beloved)\s+)+"
    r"(?=\w)"
)


@dataclass(frozen=True, slots=True)
class EntityAlias:
    """`alias` is another name of `name`; a row with both equal registers the name of a person or thing.

    `is_split` says that a client has denied it, so that no rule links the two again. `since` is when the
    speaker of this name first spoke.
    """

    alias: str
    name: str
    source: AliasSource = AliasSource.RULE
    is_split: bool = False
    since: datetime | None = None


def fold_subject(name: str) -> str:
    """The name in lower case without titles and articles; relatives by their common name."""
    words = fold_text(name[:200]).split()
    while len(words) > 1 and (words[0].rstrip(".") in _TITLES or words[0] in ("the", "a", "an")):
        words = fold_text(" ".join(words[1:])).split()
    text = _AGE_WORDS.sub("", " ".join(words)) if words and words[-1] in _ROLES else " ".join(words)
    return _ROLE_SYNONYMS.get(text, text)


def is_role(name: str) -> bool:
    """Whether a folded name says who somebody is to the speaker, and is not a name of theirs."""
    return name in _ROLES


def are_compatible(left: str, right: str) -> bool:
    """Whether two folded names can be one person's: equal, one more complete, or one with initials."""
    if left == right:
        return True
    shorter, longer = sorted((left.split(), right.split()), key=len)
    if not shorter or is_role(left) or is_role(right):
        return False
    if len(shorter) == len(longer):
        return (
            len(shorter) > 1
            and all(map(_is_same_word, shorter, longer))
            and _has_common_word(shorter, longer)
        )
    if not _is_same_word(shorter[0], longer[0]):
        return False
    if len(shorter) == 1:
        return len(shorter[0].rstrip(".")) > 1
    rest = iter(longer[1:])
    return all(any(_is_same_word(word, other) for other in rest) for word in shorter[1:])


def _is_same_word(left: str, right: str) -> bool:
    left, right = left.rstrip("."), right.rstrip(".")
    return left == right or (min(len(left), len(right)) == 1 and left[:1] == right[:1])


def _has_common_word(left: Sequence[str], right: Sequence[str]) -> bool:
    return any(len(one.rstrip(".")) > 1 and one == other for one, other in zip(left, right, strict=True))


@dataclass(slots=True)
class Identities:
    """The names that a user's memories know, and what is learned of them; `learned` are rows to be stored."""

    rows: dict[tuple[str, str], EntityAlias] = field(default_factory=dict[tuple[str, str], EntityAlias])
    learned: list[EntityAlias] = field(default_factory=list[EntityAlias])
    _targets: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    @classmethod
    def of_rows(cls, rows: Iterable[EntityAlias]) -> "Identities":
        """The identities of stored rows."""
        identities = cls()
        for row in rows:
            identities._add(row)
        return identities

    def _add(self, row: EntityAlias) -> None:
        self.rows[row.alias, row.name] = row
        targets = self._targets.setdefault(row.alias, set())
        if row.name != ACCOUNT:
            self._targets.setdefault(row.name, set())
        if row.is_split:
            targets.discard(row.name)
        elif row.alias != row.name:
            targets.add(row.name)

    def learn(
        self, alias: str, name: str, source: AliasSource = AliasSource.RULE, since: datetime | None = None
    ) -> bool:
        """Note that `alias` is another name of `name`; whether that was neither known nor denied."""
        if (alias, name) in self.rows or not alias or not name or len(alias) > 200 or len(name) > 200:
            return False
        if alias != name and self.follow(name) == alias:
            return False
        row = EntityAlias(alias, name, source, since=since)
        self._add(row)
        self.learned.append(row)
        return True

    def follow(self, name: str) -> str:
        """The canonical name to which a folded name leads; an alias of two names leads nowhere."""
        seen = {name}
        while len(targets := self._targets.get(name, set())) == 1:
            name = next(iter(targets))
            if name in seen:
                break
            seen.add(name)
        return name

    @property
    def registered(self) -> frozenset[str]:
        """All names that are known, canonical ones and aliases."""
        return frozenset(self._targets)

    def targets_of(self, alias: str) -> list[str]:
        """The names to which an alias leads directly, sorted."""
        return sorted(self._targets.get(alias, ()))

    def is_unlinked(self, alias: str, name: str) -> bool:
        """Whether two folded names are not known to mean one."""
        return self.follow(alias) != self.follow(name)

    def aliases_of(self, name: str) -> list[str]:
        """The other names that lead to a canonical name, sorted."""
        return sorted(alias for alias in self._targets if alias != name and self.follow(alias) == name)

    @property
    def account_names(self) -> list[str]:
        """The names that the account's person is known by."""
        return [alias for alias in self.aliases_of(ACCOUNT) if not is_role(alias)]

    def is_account(self, name: str) -> bool:
        """Whether a folded name is the account's person's, as far as is known."""
        if self.follow(name) == ACCOUNT:
            return True
        if (name, ACCOUNT) in self.rows or name in self._targets:
            return False  # it is denied, or somebody else's
        names = self.account_names
        return bool(names) and not is_role(name) and self._fits_all(name, names)

    def resolve(self, name: str) -> str:
        """The canonical name of a person or thing who is not spoken of by "I" or "the user"."""
        folded = fold_subject(name)
        possessive = _POSSESSIVE.fullmatch(folded) or _OF.fullmatch(folded)
        if possessive is not None:
            folded = self.name_possessed(possessive["whose"], possessive["what"])
        if folded in _USER_WORDS or self.is_account(folded):
            return ACCOUNT
        known = self.follow(folded)
        if known != folded or folded in self._targets or is_role(folded):
            return known
        matching = {self.follow(other) for other in self._targets if are_compatible(folded, other)}
        fitting = [one for one in matching if self._fits_all(folded, [one, *self.aliases_of(one)])]
        return fitting[0] if len(fitting) == 1 else folded

    def _fits_all(self, name: str, others: Iterable[str]) -> bool:
        """Whether a name can be that of whom all of `others` name, and no client has denied it."""
        proper = [one for one in others if not is_role(one) and one != ACCOUNT]
        denied = any(
            (row := self.rows.get((name, one))) is not None and row.is_split for one in (*proper, ACCOUNT)
        )
        return bool(proper) and not denied and all(are_compatible(name, one) for one in proper)

    def name_possessed(self, whose: str, what: str) -> str:
        """The folded name of what somebody has; what is the account's person's needs no owner in its name."""
        what = fold_subject(what)
        if whose in ("my", "our", "the user's", "user's", "users'", "user", "speaker"):
            return what
        owner = self.resolve(re.sub(r"(?:'s|(?<=s)')$", "", whose))
        return what if owner == ACCOUNT else f"{owner}'s {what}"

    def resolve_subject(self, name: str | None, turn: Turn) -> str:
        """The subject of a statement of a turn, whose extractor called it `name`."""
        folded = fold_subject(name or "")
        if folded in _SPEAKER_WORDS:
            return self.resolve_speaker(turn)
        if folded in _ASSISTANT_WORDS:
            return ASSISTANT
        speaker = self.resolve_speaker(turn)
        if turn.role is Role.USER and speaker != ACCOUNT:
            if folded in _USER_WORDS:
                return speaker  # in a log of several persons an extractor calls each speaker "user"
            own = re.sub(r"^(?:my|our|(?:the )?user's)\s+", "", folded)
            if own != folded:
                return f"{speaker}'s {fold_subject(own)}"
        return self.resolve(folded)

    def resolve_speaker(self, turn: Turn) -> str:
        """The subject that speaks a turn."""
        name = fold_subject(turn.name or "")
        if turn.role is Role.USER:
            return ACCOUNT if not name or name in _USER_WORDS else self.resolve(name)
        return name or ASSISTANT

    def learn_speakers(self, speakers: Mapping[str, datetime]) -> None:
        """Note the speakers of role `user` and when each first spoke; the first is the account's person.

        A later one whose name fits is the same person, also after a marriage: the first name is the same and
        nobody else is known by the new one.
        """
        for name, since in sorted(speakers.items(), key=lambda item: (item[1], item[0])):
            folded = fold_subject(name)
            if not folded or folded in _USER_WORDS or folded in self._targets:
                continue
            names = self.account_names
            if not names or self.is_account(folded) or self._is_renamed(folded, names):
                self.learn(folded, ACCOUNT, AliasSource.SPEAKER, since)
            else:
                self.learn(folded, self.resolve(folded), AliasSource.SPEAKER, since)

    def _is_renamed(self, folded: str, names: Iterable[str]) -> bool:
        words = folded.split()
        return len(words) > 1 and any(known.split()[0] == words[0] for known in names)
