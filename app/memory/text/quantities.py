"""The numbers that a text states, in digits or English words, as values that can be compared."""

import re
from dataclasses import dataclass
from functools import cached_property

_UNITS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = """
    zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
"""
CARDINAL_WORDS = {
    **{word: value for value, word in enumerate(_UNITS.split())},
    **{word: value * 10 for value, word in enumerate(_TENS.split(), start=2)},
}
ORDINAL_WORDS = {
    **{word: value for value, word in enumerate(_ORDINALS.split())},
    **{f"{word[:-1]}ieth": value * 10 for value, word in enumerate(_TENS.split(), start=2)},
}
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "k": 1_000,
    "grand": 1_000,
    "million": 1_000_000,
    "m": 1_000_000,
    "mio": 1_000_000,
    "lakh": 100_000,
    "billion": 1_000_000_000,
    "bn": 1_000_000_000,
}
# Words that say a number without naming it.
_IMPLIED = {
    "a": 1,
    "an": 1,
    "once": 1,
    "single": 1,
    "only": 1,
    "my": 1,
    "couple": 2,
    "pair": 2,
    "both": 2,
    "twice": 2,
    "twin": 2,
    "twins": 2,
    "double": 2,
    "either": 2,
    "half": 0.5,
    "halves": 0.5,
    "quarter": 0.25,
    "triplets": 3,
    "trio": 3,
    "thrice": 3,
    "triple": 3,
    "dozen": 12,
    "fortnight": 14,
    "decade": 10,
    "decades": 10,
    "century": 100,
    "score": 20,
    "weekend": 2,
    "no": 0,
    "none": 0,
    "zero": 0,
    "nobody": 0,
    "year": 1,
    "month": 1,
    "week": 1,
    "day": 1,
    "hour": 1,
    "quad": 4,
    "quartet": 4,
    "quintet": 5,
    "semester": 0.5,
    "another": 1,
}
_NUMBER = re.compile(r"\d+(?:[.,']\d+)*")
_WORD = re.compile(r"\d+(?:[.,']\d+)*|[^\W\d_]+")
_CLOCK = re.compile(
    r"(?<![\d.,])(?P<hour>\d{1,2})(?:[:.h](?P<minute>[0-5]\d))?(?::[0-5]\d)?(?![\d])"
    r"\s*(?P<half>[ap])?(?:\.?m\b)?",
    re.IGNORECASE,
)
_SPOKEN_CLOCK = re.compile(
    r"\b(?P<part>half|quarter|five|ten|twenty|twenty[- ]five)(?: (?P<way>past|after|to|before|till))?"
    r" (?P<hour>\d{1,2}|[a-z]+)\b",
    re.IGNORECASE,
)
_CLOCK_PARTS = {
    "half": 30,
    "quarter": 15,
    "five": 5,
    "ten": 10,
    "twenty": 20,
    "twenty-five": 25,
    "twenty five": 25,
}
_HALF_DAY = 12 * 60
_DIGITS_IN_GROUPS = re.compile(r"\d(?:[\d ().,:+/-]*\d)?")
_LIST_SEPARATOR = re.compile(r",\s*(?:and\s+|or\s+)?|\s+(?:and|or|plus|&)\s+|\s*&\s*", re.IGNORECASE)
MAX_COUNTED_ITEMS = 12  # a longer enumeration is not counted (chosen)


@dataclass(frozen=True)
class Quantities:
    """The numbers of a text."""

    text: str

    @cached_property
    def values(self) -> frozenset[float]:
        """Every number that the text states, in digits, words or implied ("twins")."""
        return frozenset(_find_values(self.text.lower()))

    @cached_property
    def clocks(self) -> frozenset[int]:
        """The times of day as minutes of a half day, so that 9 pm and 21:00 are the same."""
        return frozenset(_find_clocks(self.text.lower()))

    @cached_property
    def digits(self) -> tuple[str, ...]:
        """The runs of digits that only spaces and marks part, as in telephone numbers."""
        return tuple(re.sub(r"\D", "", match[0]) for match in _DIGITS_IN_GROUPS.finditer(self.text))

    @cached_property
    def counted(self) -> frozenset[float]:
        """The number of things that the text enumerates, and fewer."""
        items = len(_LIST_SEPARATOR.findall(self.text)) + 1
        return frozenset(float(n) for n in range(2, min(items, MAX_COUNTED_ITEMS) + 1))

    def state(self, number: str) -> bool:
        """Whether the text states a number that is written in digits."""
        wanted = frozenset[float]() if ":" in number else parse_number(number)
        if wanted & (self.values | self.counted):
            return True
        digits = re.sub(r"\D", "", number)
        return len(digits) >= 3 and any(digits in run for run in self.digits)


def parse_number(number: str) -> frozenset[float]:
    """The values that digits with separators may have: "1,200" is 1200, "1.5" may be 1.5 or 15 by country."""
    plain = number.replace("'", "")
    values = {float(re.sub(r"[.,]", "", plain))} if re.search(r"[.,]\d{3}(?!\d)", plain) else set[float]()
    try:
        values.add(float(plain.replace(",", ".")))
    except ValueError:  # several separators: groups of thousands
        values.add(float(re.sub(r"[.,]", "", plain)))
    return frozenset(values)


def _find_values(text: str) -> set[float]:
    words = _WORD.findall(text)
    values: set[float] = set()
    total, running = 0.0, False
    for word in words:
        if word in CARDINAL_WORDS:
            value = float(CARDINAL_WORDS[word])
            values.add(value)
            # "forty" "one", but "two" "three" are two numbers.
            total = total + value if running and total % 10 == 0 and value < 20 else value
            running = True
            values.add(total)
        elif word in _SCALES and (running or values):
            total = (total or 1) * _SCALES[word]
            values.add(total)
            running = True
        elif word == "and" and running:
            continue
        elif word[0].isdecimal():
            found = parse_number(word)
            values |= found
            total, running = max(found), True
        else:
            running, total = False, 0.0
            if word in ORDINAL_WORDS:
                values.add(float(ORDINAL_WORDS[word]))
            if word in _IMPLIED:
                values.add(float(_IMPLIED[word]))
    return values


def _find_clocks(text: str) -> set[int]:
    found = {
        (int(match["hour"]) * 60 + int(match["minute"] or 0)) % _HALF_DAY
        for match in _CLOCK.finditer(text)
        if int(match["hour"]) <= 24
    }
    for match in _SPOKEN_CLOCK.finditer(text):
        hour = int(match["hour"]) if match["hour"].isdigit() else CARDINAL_WORDS.get(match["hour"])
        if hour is not None and hour <= 24:
            minutes = _CLOCK_PARTS[match["part"].lower()]
            earlier = match["way"] in ("to", "before", "till")
            found.add((hour * 60 + (-minutes if earlier else minutes)) % _HALF_DAY)
    found |= {
        CARDINAL_WORDS[word] * 60 % _HALF_DAY
        for word in re.findall(r"[a-z]+", text)
        if word in CARDINAL_WORDS
    }
    if re.search(r"\bnoon\b|\bmidnight\b|\bmidday\b", text):
        found.add(0)
    return found
