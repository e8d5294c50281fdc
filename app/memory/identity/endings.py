"""End values: "stolen", "laid off", "no longer a member" say how a property stands after its end."""

import re

from app.memory.identity.attribute_names import fold_text
from app.memory.identity.attribute_specs import ValueType
from app.memory.identity.attributes import find_attribute, resolve_status

_NOTHING = re.compile(
    r"no|none|nothing|nobody|no ?one|not any|n/?a|nil|null|never|without|unknown now|not applicable|"
    r"no value|zero|(?:does|do|did)(?: not|n't) (?:have|own|use|exist|apply)(?: (?:one|any|it))?(?: "
    r"any ?more)?|(?:has|have|had|owns?|uses?) (?:none|no .+)|(?:is |are )?(?:not|no longer|not any "
    r"?more|no more)|no longer (?:has|have|owns?|holds?|exists?|uses?|applies|valid|true|current|a "
    r"(?:member|customer|subscriber).*|member.*|subscribed.*|in use|active|there|needed)(?: (?:one|"
    r"any|it))?|not (?:any ?more|any longer|active|current|valid|in use|a member.*|needed)"
)
_ENDED = re.compile(
    r"(?:(?:is|was|has been|have been|had been|been|got|it'?s|now|just|recently|already|all|being|has|"
    r"had) ){0,3}(?:gone|over|ended|finished|done|done with|stopped|quit|lost|given up|gave up|"
    r"dropped|discontinued|terminated|cancell?ed|called off|scrapped|abandoned|expired|lapsed|closed|"
    r"former|ex|past|ceased|removed|deleted|retired|off|wound up|shut down|disbanded|dissolved|"
    r"unsubscribed|resolved|recovered|cured|healed|outgrown|outgrew it|paid off|sold|stolen|given "
    r"away|donated|returned|replaced|broken|thrown away|binned|traded in|no more|history)(?: (?:now|"
    r"off|up|down|it|for good|completely|fully|any ?more|last .+|this .+|in .+|on .+|for .+|to .+|"
    r"from .+|by .+|after .+|because .+|since .+|due .+))?"
)
_NO_THING = re.compile(
    r"(?:no|has no|have no|without(?: any| an?)?|zero|not any|no more|no longer (?:has|have|owns?|"
    r"drives?|takes?|on|any)) (?:longer )?(?:known |current |own |more |other |food |drug |real |"
    r"fixed )*(?P<thing>.+)"
)
_NO_LONGER = re.compile(
    r"(?:(?:is|was|are|am|he|she) )?(?:no longer|not any ?more|not|never|former|formerly|ex-?|stopped|"
    r"quit|gave up|used to be)(?: (?:being|taking|using|working (?:at|for|as)|works? (?:at|for|as)|"
    r"lives? in|living in|drives?|driving|goes to|an?|the|at|in|on|with|plays?|playing|into|eating|"
    r"eats|drinking|doing))*\s+(?P<rest>\S.*)"
)
# When, why and by whom it ended; other words make the value a name ("Quit Genius").
_CIRCUMSTANCE = (
    r"(?:[ ,;(]+(?:up|off|by|from|in|on|at|last|this|since|for|due|because|after|before|and|as|"
    r"again|now|early|recently|today|yesterday|to|with|ago|completely|fully|years?|months?|"
    r"weeks?|two|three|already|down|job|role|position|work|member|it|any ?more|again|of)\b.*)?"
)
_JOB_ENDS = (
    r"(?:(?:was|is|got|been|has been|now|currently|recently|newly|made|early|voluntarily|fully|semi-?)"
    r" ?){0,3}(?:laid[ -]off|let go|fired|sacked|dismissed|redundant|made redundant|unemployed|"
    r"jobless|out of (?:work|a job)|resigned|between jobs|not working|not employed|job[ -]?seek\w*|"
    r"looking for (?:work|a job|a new job)|retired|retiree|pensioner|quit|left(?: the (?:job|company))"
    r"?|on the dole|no job|lost (?:the |his |her |their )?job|without (?:a job|work)|terminated|"
    r"contract (?:ended|expired)|furloughed|stepped down|in retirement|on a pension)"
)
_LIFE_ENDS = (
    r"(?:(?:has|is|was|recently|sadly|had to be|been) ){0,3}(?:died|dead|deceased|passed(?: away| on)"
    r"?|put (?:down|to sleep)|euthani[sz]ed|killed|no longer alive|not alive|lost|gone|late|departed|"
    r"buried|\d{4}-\d\d-\d\d)"
)
_PARTNER_ENDS = (
    r"(?:(?:is|was|got|now|currently|recently|newly|again|happily|they|have|has|we) ){0,4}(?:single|"
    r"divorced|separated|widow\w*|split(?: up)?|broke(?:n)?[ -]up|parted|parted ways|unattached|"
    r"unmarried|ex|not (?:in a relationship|dating|seeing anyone|married|together)|no longer "
    r"(?:together|married|engaged|dating|a couple)|available|alone|left|estranged|unpartnered|on "
    r"(?:his|her|their|my) own|called off|engagement (?:ended|broken|called off))"
)
_END_PATTERNS = tuple(
    (name, pattern)
    for names, pattern in (
        (
            "employer occupation employment_status department team project salary office manager colleague "
            "work_mode working_hours",
            _JOB_ENDS,
        ),
        ("partner relationship_status", _PARTNER_ENDS),
        (
            "life_status health mother father grandmother grandfather sibling brother sister friend "
            "pet child",
            _LIFE_ENDS,
        ),
        (
            "vehicle bicycle motorcycle boat laptop camera phone_model tablet watch",
            r"(?:(?:was|got|is|has been|been|recently) ){0,3}(?:sold|stolen|total+ed|written off|scrapped|"
            r"crashed|wrecked|broke(?:n)?(?: down)?|given (?:away|up|back)|gave (?:it )?(?:away|up|back)|"
            r"traded(?: in)?|lost|car-?free|carless|returned|donated|died|dead|smashed|repossessed|disposed "
            r"of|handed back)",
        ),
        (
            "pet",
            r"(?:(?:was|is|has been|been) )*(?:rehomed|ran away|given (?:away|up)|re-homed|adopted out|"
            r"missing)",
        ),
        (
            "allergy intolerance health_condition injury medication health",
            r"(?:no (?:known )?(?:allerg\w+|intoleranc\w+|condition\w*|medication\w*|medicine\w*|"
            r"issue\w*|problem\w*)|clear|cured|healed|recovered|outgrown|outgrew|in remission|fully fit|"
            r"came off|off (?:it|them)|stopped|discontinued|gone|weaned off|symptom-free|all clear|nkda|"
            r"allergy-free)",
        ),
        (
            "smoking drinking",
            r"(?:no|none|quit|stopped|gave up|given up|ex-?smoker|former smoker|non-?smoker|does not "
            r"(?:smoke|drink)|doesn't (?:smoke|drink)|not (?:smoking|drinking)|smoke-?free|sober|"
            r"teetotal\w*|abstinent|nicotine-free)",
        ),
        ("pregnancy", r"(?:gave birth|delivered|miscarr\w+|not pregnant|no longer pregnant|over)"),
        ("debt mortgage", r"(?:paid(?: off| back)?|cleared|repaid|debt-free|mortgage-free|settled)"),
        (
            "residence address housing rent staying_at",
            r"(?:moved out|moved away|homeless|no fixed (?:abode|address)|evicted)",
        ),
        (
            "school degree field_of_study course school_year",
            r"(?:graduated|dropped out|finished|completed|expelled|left)",
        ),
        (
            "carrier bank gym subscription membership insurance internet_provider energy_provider",
            r"(?:left|quit|cancell?ed|unsubscribed|resigned|not renewed|ended|lapsed|expired|closed|dropped|"
            r"terminated|former member)",
        ),
        ("diet", r"(?:none|no restrictions?|no special diet|eats everything|unrestricted|omnivor\w+)"),
    )
    for name in names.split()
)
_ENDS_BY_ATTRIBUTE = {
    name: re.compile(f"(?:{'|'.join(one for owner, one in _END_PATTERNS if owner == name)}){_CIRCUMSTANCE}")
    for name, _ in _END_PATTERNS
}
# What ends together with a property: who is laid off has no employer, and nothing holds of the dead.


def is_end_value(attribute: str, value: str) -> bool:
    """Whether a value says that a property has ended, or that there is nothing ("stolen", "none")."""
    text = fold_text(value)
    found = resolve_status(attribute, text)
    spec = found.spec if found is not None else find_attribute(attribute)
    if not text or _NOTHING.fullmatch(text):
        return bool(text)
    own = None if spec is None else _ENDS_BY_ATTRIBUTE.get(spec.name)
    if own is not None and own.fullmatch(text):
        return True
    if spec is not None and spec.value_type in (ValueType.NUMBER, ValueType.MONEY) and text == "0":
        return False
    denied = _NO_THING.fullmatch(text)
    if denied is not None:
        thing = find_attribute(denied["thing"])
        return thing is not None and spec is not None and thing.name == spec.name
    return _ENDED.fullmatch(text) is not None


def split_denial(value: str) -> tuple[str, bool]:
    """The value without words that deny it ("no sertraline" -> "sertraline"), and whether there were any."""
    text = fold_text(value)
    for pattern, group in ((_NO_LONGER, "rest"), (_NO_THING, "thing")):
        match = pattern.fullmatch(text)
        if match is not None:
            return match[group], True
    return text, False
