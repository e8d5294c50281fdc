"""Texts that cost as much as a text can: for the tests of the rules and for `benchmarks/attack_text.py`."""

import ast
import importlib
import pkgutil
import re
import re._constants as sre  # pyright: ignore[reportMissingImports]
import re._parser as sre_parser  # pyright: ignore[reportMissingImports]
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import app

# Each is repeated until the text is long enough.
UNITS: dict[str, str] = {
    "spaces": " ",
    "tabs": "\t",
    "newlines": "\n",
    "spaces and newlines": " \n",
    "blank lines with spaces": "        \n",
    "combining marks": "a\u0301\u0302\u0303",
    "CJK": "我住在奥斯陆",
    "CJK sentences": "我住在奥斯陆。",
    "emoji": "😀",
    "emoji joined": "👩\u200d👩\u200d👧\u200d👦",
    "sentence ends": "?!",
    "dots and quotes": '."',
    "dots and brackets": ".)]",
    "a.": "a.",
    "A. ": "A. ",
    "e.g. ": "e.g. ",
    "Dr. ": "Dr. ",
    "ellipses": "… ",
    "curly quotes": "“a”",
    "quotes opened": "“ I ",
    "quotes": '"I" ',
    "one quoted letter": '"a" "b ',
    "backticks": "`",
    "fences": "```\n",
    "code lines": "    x\n",
    "block quotes": "> x\n",
    "table": "| a | b |\n|---|---|\n",
    "brackets": "((([[[{{{",
    "brackets closed": ")]}",
    "URLs": "https://a.b/c?d=e&f ",
    "one URL": "https://",
    "e-mails": "my e-mail is a@a.a ",
    "mail dots": "my email is a@" + "a.-" * 40,
    "base64": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODk+",
    "hex": "deadbeef",
    "digits": "9",
    "digits apart": "9 ",
    "digits by hyphens": "9-",
    "numbers": "1,234.5 ",
    "I I I": "I ",
    "my my": "my ",
    "and and": "and ",
    "and I": " and I",
    "no, ": "no, ",
    "well, so, ": "well, so, ",
    "on May ": "on May ",
    "in 1 ": "in 1 ",
    "in May.": "in May.\n",
    "last May ": "last May ",
    "a day ": "a day ",
    "since ": "since ",
    "on Monday I ": "on Monday I ",
    "yesterday ": "yesterday ",
    "years": "2023 ",
    "because": "because ",
    "who ": "who ",
    "my wife Anna": "my wife Anna, ",
    "also also": "also ",
    "very very": "I am very ",
    "Name Name": "Ann Bo ",
    "Ann manages Bo": "Ann manages Bo. ",
    "I like": "I like a. ",
    "I like many": "I like jazz, tea, cats, art, dogs and bees.\n",
    "I went": "I went to Rome in 2019.\n",
    "I moved": "I moved to Oslo yesterday.\n",
    "I visited": "On Monday I visited Rome in May and I bought a car last week.\n",
    "dated": "I bought a car on 1 May 2023, in 2019, two days ago, last Friday and in June.\n",
    "dates only": "yesterday, on 1 May, in 2 days, last week, on Monday, in 2020, tonight, 3 weeks ago, ",
    "German dates": "am 3. mai, gestern, ",
    "my cat": "my cat is called Tom. ",
    "I have two cats": "I have two cats, a dog and ",
    "my goal is": "my goal is to eat. ",
    "remind me": "remind me to eat ",
    "I want to": "I want to eat and sleep.\n",
    "I have finished": "I have finished it.\n",
    "you you": "you ",
    "label": "a label: b\n",
    "label near": "a label ",
    "label below": "a\nlabel: b\n",
    "labels without text": "label:\n",
    "separators before a label": ",;|",
    "password": "my password is ",
    "api key": "api key ",
    "secret": "sk-aaaaaaaaaaaaaaaa ",
    "cards": "1234 5678 9012 3456 ",
    "distinct words": "",  # made below
    "null-like": "\u200b",
    "tags": "<think>",
    "memory lines": "- 2023-05-08 [m] Ann: ",
    "work as a": "I work as a ",
    "I've been": "I've been ",
    "contractions": "I'm I'd I've ",
    "clauses": "I am a nurse; ",
    "commas": ", I ",
    "dashes": " - I ",
    "long dashes": "—",
    "colons": ": ",
    "hedges": "maybe I think ",
    "carry": " and live in",
}


def texts(size: int) -> dict[str, str]:
    """Hostile texts of `size` characters by name."""
    found = {f"only {char!r}": char * size for char in map(chr, range(33, 127))}
    for name, unit in UNITS.items():
        found[name] = filled(unit, size) if unit else distinct_words(size)
    found["I and a long word"] = f"I {'a' * (size - 2)}"
    found["I like a long list"] = f"I like {filled('a, ', size - 7)}"
    found["nested brackets"] = "(" * (size // 2) + ")" * (size // 2)
    found["all of them"] = filled(" ".join(UNITS.values()), size)
    found["all of them by line"] = filled("\n".join(UNITS.values()), size)
    return found


def near_misses(size: int) -> dict[str, str]:
    """For each pattern of the app what it begins with, repeated, so that it begins and does not match."""
    found: dict[str, str] = {}
    for name, pattern in patterns().items():
        for number, unit in enumerate(units_of(pattern)):
            found[f"{name} #{number}"] = filled(unit, size)
    return found


def filled(unit: str, size: int) -> str:
    """`unit` repeated to `size` characters."""
    return (unit * (size // len(unit) + 1))[:size]


def distinct_words(size: int) -> str:
    """Words of which no two are alike."""
    return " ".join(f"w{number:x}q" for number in range(size // 5))[:size]


def patterns() -> dict[str, re.Pattern[str]]:
    """Every regular expression of the app by where it stands, compiled or written in a call."""
    found: dict[str, re.Pattern[str]] = {}
    for info in pkgutil.walk_packages(app.__path__, "app."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            for at, pattern in enumerate(_within(value)):
                found.setdefault(f"{info.name}.{name}[{at}]", pattern)
        source = Path(str(module.__file__)).read_text()
        for call in ast.walk(ast.parse(source)):
            if isinstance(call, ast.Call) and _is_of_re(call.func):
                found |= {f"{info.name}:{call.lineno}": one for one in _written(call)}
    seen: set[tuple[str, int]] = set()
    return {
        name: one
        for name, one in found.items()
        if (one.pattern, one.flags) not in seen and not seen.add((one.pattern, one.flags))
    }


def _within(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, (tuple, list)) and depth < 3:
        for one in value:
            yield from _within(one, depth + 1)
    elif isinstance(value, Mapping) and depth < 3:
        for one in value.values():
            yield from _within(one, depth + 1)


def _is_of_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
    )


def _written(call: ast.Call) -> Iterator[re.Pattern[str]]:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        flags = re.DOTALL if "DOTALL" in ast.unparse(call) else 0
        yield re.compile(first.value, flags)


def units_of(pattern: re.Pattern[str]) -> list[str]:
    """What to repeat against a pattern: all that it wants, its beginnings, and each of its repeats."""
    tree = sre_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    whole = sample(tree)
    found = [whole, whole[:-1], whole[: len(whole) // 2], whole[:1]]
    found += [sample(body) for body in repeats(tree)]
    return list(dict.fromkeys(unit for unit in found if unit))


def repeats(tree: Any) -> Iterator[Any]:
    """The bodies of the unbounded repeats of a parsed pattern."""
    for op, args in tree:
        if op in REPEATS:
            if args[1] == sre.MAXREPEAT:
                yield args[2]
            yield from repeats(args[2])
        else:
            for part in parts(op, args):
                yield from repeats(part)


REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def parts(op: Any, args: Any) -> list[Any]:
    """The patterns within one node of a parsed pattern, its repeats apart."""
    if op is sre.SUBPATTERN:
        return [args[-1]]
    if op is sre.BRANCH:
        return list(args[1])
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [args[1]]
    if op is sre.ATOMIC_GROUP:
        return [args]
    if op is sre.GROUPREF_EXISTS:
        return [part for part in args[1:] if part is not None]
    return []


def sample(tree: Any) -> str:
    """A short text that the pattern would take, assertions left out."""
    text = ""
    for op, args in tree:
        if op is sre.LITERAL:
            text += chr(args)
        elif op is sre.NOT_LITERAL:
            text += "b" if args == ord("a") else "a"
        elif op is sre.ANY:
            text += "x"
        elif op is sre.IN:
            text += _of_set(args)
        elif op in REPEATS:
            text += sample(args[2]) * max(1, args[0])
        elif op is sre.BRANCH:
            text += sample(args[1][0])
        elif op is sre.SUBPATTERN:
            text += sample(args[-1])
        elif op is sre.ATOMIC_GROUP:
            text += sample(args)
    return text


def _of_set(items: Any) -> str:
    if items[0][0] is sre.NEGATE:
        return next(char for char in "a1 _.\n-;xX\x00\xe9" if not _holds(items[1:], char))
    op, value = items[0]
    if op is sre.LITERAL:
        return chr(value)
    if op is sre.RANGE:
        return chr(value[0])
    return {sre.CATEGORY_DIGIT: "1", sre.CATEGORY_SPACE: " "}.get(value, "a")


def _holds(items: Any, char: str) -> bool:
    for op, value in items:
        if op is sre.LITERAL and chr(value) == char:
            return True
        if op is sre.RANGE and value[0] <= ord(char) <= value[1]:
            return True
        if op is sre.CATEGORY:
            known = {
                sre.CATEGORY_DIGIT: char.isdigit(),
                sre.CATEGORY_SPACE: char.isspace(),
                sre.CATEGORY_WORD: char.isalnum() or char == "_",
                sre.CATEGORY_NOT_SPACE: not char.isspace(),
                sre.CATEGORY_NOT_WORD: not (char.isalnum() or char == "_"),
            }
            if known.get(value, False):
                return True
    return False
