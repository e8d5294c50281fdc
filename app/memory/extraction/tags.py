"""The user's tag vocabulary: an existing tag with the same stems is reused before a new one is added.

Method: CAIM (Westhäußer et al. 2025, arXiv 2505.13044), memory storage with an ontology of tags that are
reused first.
"""

from collections.abc import Iterable

from app.memory.text.analysis import analyze_text

LABEL_PREFIX = "label:"


class TagVocabulary:
    """The tags in use; the first spelling that was added represents all spellings with the same stems."""

    def __init__(self, in_use: Iterable[str]) -> None:
        self._tag_by_stems: dict[tuple[str, ...], str] = {}
        for tag in in_use:
            self.reuse_tag(tag)

    def reuse_tag(self, tag: str) -> str:
        """The tag in use with the same stems, else `tag` itself, which is in use from now on."""
        if tag.startswith(LABEL_PREFIX):
            return tag
        return self._tag_by_stems.setdefault(_stem_key(tag), tag)

    def reuse_all(self, tags: Iterable[str]) -> tuple[str, ...]:
        """The distinct tags in use that represent `tags`."""
        return tuple(dict.fromkeys(self.reuse_tag(tag) for tag in tags))


def _stem_key(tag: str) -> tuple[str, ...]:
    return tuple(sorted(set(analyze_text(tag.replace("_", " ").replace("-", " "))))) or (tag.casefold(),)
