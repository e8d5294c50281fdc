"""What English calls an end: of a life, of having, of a habit, of a plan, of a piece of work.

Each table has phrases of one sense and one frame. A phrase begins with a verb in its base form, which stands
for
what tells that it has happened ("give" for "gave" and "given"); `be` stands for any form of it, `not` for any
denied auxiliary. `*` is where the thing stands and `@` somebody else
else it follows the phrase or, where `is_passive`, comes before it.
`a|b` is either, `a|b|` either or none, and `off^to` is "off" unless "to" follows.
"""

import re
from dataclasses import dataclass
from functools import cache

from app.memory.reconciliation.cues.change_senses import ANY_BEING, PETS_ONLY, Sense

_BE = (
    r"(?:(?:is|are|am|was|were|be|got|gets|has been|have been|had been|'s been|'ve been|'s|'re|has gone"
    r"|had to be"
    r"|has to be|have to be|will be|to be|ended up|lies|lay))"
)
_ADVERBS = (
    r"(?: (?:now|all|finally|already|officially|completely|totally|just|sadly|long|well|truly|also"
    r"|no longer|really"
    r"|well and truly|definitely|been))*"
)
_DENIED = (
    r"(?:did|do|does|has|have|had|is|are|am|was|were|could|can|will|wo|ca)(?:n't| not)"
    r"(?: \w+ly| even| quite)?"
)
# Each verb with its past form and participle.
_IRREGULAR_VERBS = """
    break broke broken; bring brought; bury buried; call called; come came come; cut cut; cancel
    cancelled canceled; drop dropped; drown drowned; fall fell fallen; find found; get got gotten; give
    gave given; go went gone; grow grew grown; hand handed; hang hung; have had; kick kicked; knock
    knocked; lay laid; leave left; let let; lose lost; make made; pack packed; pay paid; put put; quit
    quit; run ran run; say said; scrap scrapped; sell sold; send sent; shed shed; ship shipped; shut
    shut; sink sank sunk; slip slipped; steal stole stolen; stop stopped; swap swapped; swear swore
    sworn; take took taken; talk talked; throw threw thrown; total totalled totaled; turn turned; wear
    wore worn; withdraw withdrew withdrawn; write wrote written; wrap wrapped; bin binned; flog flogged;
    axe axed; unsubscribe unsubscribed; die died; tie tied; submit submitted; burn burnt burned; bite
    bit bitten; slide slid; set set; think thought; wake woke woken; fly flew flown; see saw seen; chuck
    chucked; outgrow outgrew outgrown; do did done; lie lay lain; shelve shelved; dump dumped
"""
_IRREGULAR = {verb: forms for verb, *forms in map(str.split, _IRREGULAR_VERBS.split(";"))}

_LIFE = frozenset(["life_status"])

_TABLES: tuple[tuple[Sense, str], ...] = (
    (
        Sense(is_passive=True, is_death=True, topics=_LIFE, needs_object=False),
        """
        die; pass away; pass on^the; perish; drown; succumb
        slip away peacefully|quietly|in|on|during|last|this|at; fall asleep for ever|forever|peacefully
        go to sleep for ever|forever; breathe his|her|its|their last
        draw|take his|her|its|their last breath; cross the rainbow bridge
        lose the|his|her|its|their battle|fight; not survive; not make it through|to; not pull through
        not wake up again|this|from; be no more; be dead; be lying|found dead|lifeless; be buried
        be cremated; be laid to rest; be killed; be put down; be put to sleep; be euthanised|euthanized
        be no longer with us; be no longer alive|among; be in heaven; be with the angels; be taken from us
        be over the rainbow bridge; be floating belly up; be deceased; be gone for ever|forever
        """,
    ),
    (
        Sense(is_passive=True, is_death=True, needs_living=PETS_ONLY, topics=_LIFE),
        "be run over; be hit by; be knocked down; be gone^to; float belly up; be floating",
    ),
    (
        Sense(is_death=True, topics=_LIFE),
        """
        have to put * down|to sleep; find * dead|lifeless|belly|floating; mourn; say goodbye|farewell to
        bury; cremate; scatter the|his|her|its ashes of; lay * to rest; attend the funeral of
        """,
    ),
    (
        Sense(is_death=True, needs_living=ANY_BEING, topics=_LIFE),
        "kill; lose^to|at|in|against|by|weight|count|track|interest|touch|sleep|the|a; bid farewell to",
    ),
    (
        Sense(is_death=True, needs_living=PETS_ONLY, topics=_LIFE),
        "let * go; put * down; put down; let go of; lose",
    ),
    (
        Sense(is_possession=True),
        """
        sell; sell off|on; give * away; give away; give * back; get rid of; get shot of; donate; trade in
        trade * in; part with; junk; bin; scrap; dump; ditch; dispose of; throw * away|out; throw away|out
        chuck * away|out; chuck away|out; toss * out|away; toss out|away; recycle; return; hand back|over
        hand * back|over; send back; send * back; take * back to; take * to the dump|tip|charity
        take to the dump|tip|charity; pass * on to; offload; flog; auction off|; rehome; surrender; misplace
        write off; write * off; total; wreck; smash; pawn; give WHOSE * to; break * beyond repair; let go of
        steal; nick; pinch; swipe; make off with; run off with; repossess; sink
        """.replace("WHOSE", r"the|my|his|her|their|our|its|[\w-]+'s"),
    ),
    (
        Sense(is_passive=True, is_possession=True),
        """
        be sold; be stolen; be gone; be given away; be scrapped; be totalled|totaled; be written off
        be a write-off; be returned; be lost; be rehomed; be broken for good; be broken beyond
        be repossessed; be donated; be nicked; be pinched; be swiped; be towed; be crushed; be wrecked
        be destroyed; be beyond repair|saving; be kaput; be junk; be dead; be history; be off the road
        be in the bin|skip; be at the dump|tip; be in|at the scrapyard; be binned; be dumped; be recycled
        be smashed; be burnt|burned down|; be traded in; be auctioned off|; go missing
        go to the scrapyard|dump|tip|skip|landfill|junkyard|knacker's; go to charity|scrap|landfill
        go to a|an|the|some|my|his|her|their|our new|young|nice|lovely| BUYER; find a|its new home|owner
        find a buyer; bite the dust; give up the ghost; conk out; burn down; sink; break down for good
        pack up for good|; fall apart; change hands
        """.replace(
            "BUYER",
            "couple|buyer|man|woman|family|dealer|friend|cousin|neighbour|neighbor|student|collector"
            "|colleague|home|owner",
        ),
    ),
    (
        Sense(is_habit=True, is_plan=True),
        """
        quit; give up; give * up; pack in; pack * in; jack in; kick; ditch; drop out of; walk away from
        swear off; turn my|his|her|their|our back on; come off^the|a|his|her|my|at|as|well
        come off the|his|her|my|their pill|pills|tablets|meds|medication|drugs|insulin|drink
        wean myself|himself|herself off; cut out; knock * on the head; renounce; call time on
        call it quits with|on; say goodbye|farewell to; break off; be done with; be through with
        be finished with; be off^to|at|work|school|the|on|in|for|today|sick; be over^a|the|there|here
        have enough of; fall out with; fall out of love with; cut ties with; lose touch with
        lose interest in; break with; cancel; terminate; let * lapse|expire|go; let go of; not renew
        opt out of; resign from; step down from|as; retire from; grow out of; outgrow; get over; tire of
        unsubscribe from; deregister from; withdraw from; bow out of; back out of; pull out of; bail on
        bail out of; abandon; delete; uninstall; boycott; hang up my|his|her|their|our|the
        """,
    ),
    (
        Sense(is_passive=True, is_habit=True, is_plan=True),
        """
        be history; be a thing of the past; be behind me|us|him|her|them; be off the menu|table|cards
        be no more; be in the past; be out of my|his|her|their|our life; be a closed chapter; run its course
        wear off; come off; come to an end; come to nothing; go out of the window; fall by the wayside
        lapse; expire; run out; be not my|his|her|their|our thing|life any more|anymore; be old news
        be out of the question; go our|their separate ways; fall out^of|with; drift apart; be terminated
        be discontinued; be over and done
        """,
    ),
    (
        Sense(is_plan=True, needs_plan=True),
        """
        call off; call * off; scrap; shelve; axe; talk @ out of; drop; rule out; decide against
        think better of; decide not to; change my|his|her|their|our mind about; give up on
        not go ahead with; pull the plug on; bin; not go to; be not going to|on|ahead; not make it to
        """,
    ),
    (
        Sense(is_plan=True, is_passive=True, needs_plan=True),
        """
        fall through; be called off; be cancelled|canceled; be scrapped; be shelved; be axed; be binned
        be off^to|the|work|school|for; be off the table|cards|agenda; be not happening; be not going ahead
        be not going to happen; be not on; not go ahead; not happen; not work out; not come off
        not take place; come to nothing; bite the dust; go up in smoke; go out of the window
        be dead in the water; be abandoned; be dropped; be no longer on; be no longer happening|going
        be out of the question; be not to be
        """,
    ),
    (
        Sense(is_work=True, needs_activity=True),
        """
        finish; finish off|up; complete; wrap up; submit; hand in; turn in; send off|out; send * off|out
        deliver; ship; launch; publish; release; file; get * done|finished; get done with; be done with
        be finished with; hand over; put the last|final|finishing touches to|on; cross * off; tick off
        wind up; post off
        """,
    ),
    (
        Sense(is_work=True, is_passive=True, needs_activity=True),
        """
        be done; be finished; be complete|completed; be ready; be submitted; be delivered; be shipped
        be handed in; be turned in; be launched; be published; be released; be filed; be wrapped up
        be in the bag; be up and running; be built; be sent off|out; go out; go live; come out
        go to print|press; be over; be out; all done; all finished; be behind me|us|him|her|them
        be in the water|post|can
        """,
    ),
)


@dataclass(frozen=True, slots=True)
class EndingPhrase:
    """A phrase that tells an end, with its sense."""

    pattern: re.Pattern[str]
    sense: Sense


@cache
def phrases_by_word() -> dict[str, tuple[EndingPhrase, ...]]:
    """The phrases by the words of which a text must have one, so that only few are looked for in it."""
    found: dict[str, dict[EndingPhrase, None]] = {}
    for sense, table in _TABLES:
        for words in _read_table(table):
            triggers, pattern = _compile(words)
            phrase = EndingPhrase(pattern, sense)
            for trigger in triggers:
                found.setdefault(trigger, {})[phrase] = None
    return {word: tuple(phrases) for word, phrases in found.items()}


def _read_table(table: str) -> list[list[str]]:
    return [phrase.split() for line in table.splitlines() for phrase in line.split(";") if phrase.strip()]


def _compile(words: list[str]) -> tuple[list[str], re.Pattern[str]]:
    """The words that a text must have one of, and the pattern of a phrase."""
    first, rest = words[0], words[1:]
    if first == "be":
        denial = r"(?:n't| not)" if rest[0] == "not" else ""
        rest = rest[1:] if denial else rest
        triggers = rest[0].partition("^")[0].split("|")
        head = f"{_BE}{denial}{_ADVERBS}"
    elif first == "not":
        triggers = [rest[0], *past_forms(rest[0])]
        head, rest = rf"(?:{_DENIED}|never) (?:{'|'.join(triggers)})", rest[1:]
    else:
        first, _, excluded = first.partition("^")
        triggers = [form for verb in first.split("|") for form in past_forms(verb)]
        head = f"(?:{'|'.join(triggers)})" + _unless(excluded)
    body = "".join(_part(word) for word in rest)
    return triggers, re.compile(rf"(?<![\w'-]){head}{body}(?![\w-])")


def _part(word: str) -> str:
    if word == "*":
        return r"(?P<obj>(?: [\w'-]+){1,5}?)"
    if word == "@":
        return r"(?: [\w'-]+){1,4}?"
    word, _, excluded = word.partition("^")
    alternatives = word.removesuffix("|")
    part = rf" (?:{alternatives})"
    return f"(?:{part})?" if alternatives != word else part + _unless(excluded)


def _unless(excluded: str) -> str:
    """What must not follow."""
    return rf"(?! (?:{excluded})\b)" if excluded else ""


def past_forms(verb: str) -> list[str]:
    """The past form and the participle of a verb."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return [verb + "d"]
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return [verb[:-1] + "ied"]
    return [verb] if verb == "all" else [verb + "ed"]
