"""What each feature adds to the score of an item."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.doors.console.views.hostile_text import mark_spans
from app.schemas.search.search import SearchItem

BAR_WIDTH = 100.0


@dataclass(frozen=True, slots=True)
class ScorePart:
    """A feature: its value, its weight, the product, and where its bar stands (0 to 100, from the middle)."""

    name: str
    value: float
    weight: float
    share: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class ExplainedItem:
    """An item, the parts of its score, the greatest first, and its content with the best sentences marked."""

    item: SearchItem
    parts: Sequence[ScorePart]
    content: Sequence[tuple[str, bool]]


def explain(item: SearchItem) -> ExplainedItem:
    """Explain one item of a search with `explain`."""
    features, weights = item.features or {}, item.weights or {}
    shares = {name: value * weights.get(name, 0.0) for name, value in features.items()}
    largest = max((abs(share) for share in shares.values()), default=0.0) or 1.0
    parts = [
        _to_part(name, features[name], weights.get(name, 0.0), share, largest)
        for name, share in sorted(shares.items(), key=lambda one: (-abs(one[1]), one[0]))
    ]
    # Where nothing sets the items apart, that is what there is to show.
    parts = [part for part in parts if part.share or part.value] or parts
    spans = [(span.start, span.end) for span in item.excerpt.spans] if item.excerpt is not None else []
    return ExplainedItem(item, parts, mark_spans(item.content, spans))


def _to_part(name: str, value: float, weight: float, share: float, largest: float) -> ScorePart:
    width = round(BAR_WIDTH / 2 * abs(share) / largest, 1)
    x = BAR_WIDTH / 2 if share >= 0 else BAR_WIDTH / 2 - width
    return ScorePart(name, value, weight, share, x, width)
