"""The user's tag vocabulary: an existing tag with the same stems is reused before a new one is added.

Method: CAIM (Westhäußer et al. 2025), memory storage: an ontology of tags that reuses before it creates.
"""

from collections.abc import Iterable

from app.memory.text.analysis import analyze_text

LABEL_PREFIX = "label:"
MAX_TAGS_SHOWN = 60  # how many of the most used tags the model is shown


class TagVocabulary:
    """The tags in use; the first spelling that is put in stands for all that have the same stems."""

    def __init__(self, in_use: Iterable[str]) -> None:
        self._tag_by_stems: dict[tuple[str, ...], str] = {}
        for tag in in_use:
            self.reuse_tag(tag)

    def reuse_tag(self, tag: str) -> str:
        """The tag in use that says the same, else the tag itself, which is in use from now on."""
        if tag.startswith(LABEL_PREFIX):
            return tag
        return self._tag_by_stems.setdefault(_stem_key(tag), tag)

    def reuse_all(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Each tag as it is in use, once."""
        return tuple(dict.fromkeys(self.reuse_tag(tag) for tag in tags))


def _stem_key(tag: str) -> tuple[str, ...]:
    return tuple(sorted(set(analyze_text(tag.replace("_", " ").replace("-", " "))))) or (tag.casefold(),)
