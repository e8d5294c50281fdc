"""Fenced blocks of Markdown that stand behind `<!-- runnable -->`, and what they must print."""

import re
from dataclasses import dataclass

MARK = re.compile(r"^<!-- runnable(?:: prints (?P<prints>\"[^\"]*\"(?:, \"[^\"]*\")*))? -->$")
FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<language>\w*)$")
LANGUAGES = {"bash", "python", "ts"}


@dataclass(frozen=True)
class Block:
    """An example: its language, its text, the line that it begins at, and what it must print."""

    language: str
    text: str
    line: int
    prints: tuple[str, ...] = ()


def runnable_blocks(page: str) -> list[Block]:
    """The marked blocks of a page, in order; a mark that is misspelt or has no block is an error."""
    lines = page.splitlines()
    found: list[Block] = []
    for at, line in enumerate(lines):
        if "runnable" not in line or not line.lstrip().startswith("<!--"):
            continue
        mark = MARK.match(line)
        fence = FENCE.match(lines[at + 1]) if mark and at + 1 < len(lines) else None
        if mark is None or fence is None or fence["language"] not in LANGUAGES:
            raise ValueError(f"line {at + 1}: {line} must be a mark before a block of {sorted(LANGUAGES)}")
        try:
            end = lines.index(fence["ticks"], at + 2)
        except ValueError:
            raise ValueError(f"line {at + 2}: the block has no end") from None
        prints = tuple(re.findall(r"\"([^\"]*)\"", mark["prints"] or ""))
        found.append(Block(fence["language"], "\n".join(lines[at + 2 : end]) + "\n", at + 2, prints))
    return found
