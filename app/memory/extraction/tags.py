"""The tags of a user: a word that is in use is taken before another one for the same thing is made.

Method: CAIM (Westhäußer et al. 2025), memory storage: an ontology of tags that reuses before it creates.
"""

from collections.abc import Iterable

from app.memory.text.analysis import analyze

LABEL = "label:"
SHOWN = 60  # how many of the most used tags the model is shown


class Tags:
    """The tags in use; the first spelling that is put in stands for all that have the same stems."""

    def __init__(self, in_use: Iterable[str]) -> None:
        self._at: dict[tuple[str, ...], str] = {}
        for tag in in_use:
            self.reuse(tag)

    def reuse(self, tag: str) -> str:
        """The tag in use that says the same, else the tag itself, which is in use from now on."""
        if tag.startswith(LABEL):
            return tag
        return self._at.setdefault(_form(tag), tag)

    def reuse_all(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Each tag as it is in use, once."""
        return tuple(dict.fromkeys(self.reuse(tag) for tag in tags))


def _form(tag: str) -> tuple[str, ...]:
    return tuple(sorted(set(analyze(tag.replace("_", " ").replace("-", " "))))) or (tag.casefold(),)
