"""A query to one user's memory, with its filters."""

from dataclasses import dataclass, field
from datetime import datetime

from app.memory.geography import Area
from app.memory.numeric import FloatArray
from app.memory.ranking.weights import RankingWeights, RelevanceScale
from app.memory.text.dates.query_dates import remove_dates, resolve_query_range

TURN_KIND = "turn"
_EXTRA_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class AllowedRows:
    """The ids of the turns and of the memories that may be results, 16 bytes each."""

    turn_ids: bytes
    memory_ids: bytes


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A query with its filters.

    `context_text` is searched as well but names no time. `relevance_scale` is that of the embedding model,
    None if it has none (see `relevance`). `count` is the number of results, [since, until) and `area`
    restrict when and where. `allowed` are the rows that pass a filter which the index can't decide; None =
    all.
    """

    text: str
    vector: FloatArray | None
    count: int
    kinds: frozenset[str] | None = None
    session_id: str | None = None
    agent_id: str | None = None
    roles: frozenset[str] | None = None
    speaker: str | None = None
    tags: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    area: Area | None = None
    allowed: AllowedRows | None = None
    include_superseded: bool = False
    reference_time: datetime | None = None
    weights: RankingWeights = field(default_factory=RankingWeights)
    relevance_scale: RelevanceScale | None = None
    context_text: str = ""

    @property
    def search_text(self) -> str:
        """The text that is searched."""
        return f"{self.text} {self.context_text}"

    @property
    def includes_turns(self) -> bool:
        """Whether a turn may be a result."""
        return (self.kinds is None or TURN_KIND in self.kinds) and not self.tags

    @property
    def filters_documents(self) -> bool:
        """Whether the filters look at what turns state, so that a turn may lead to nothing."""
        return self.kinds is not None or bool(self.tags) or self.area is not None or self.allowed is not None

    @property
    def candidate_limit(self) -> int:
        """The number of candidates, so that `count` results are left after deduplication."""
        return 2 * self.count + _EXTRA_CANDIDATES

    @property
    def topic_text(self) -> str:
        """What is asked about, without the time: a text of that time need not say its date."""
        topic = remove_dates(self.text, self.reference_time) if self.reference_time else self.text
        return f"{topic} {self.context_text}"

    @property
    def time_range(self) -> tuple[datetime, datetime] | None:
        """The time [from, to) that the query names, None if it names none or has no reference time."""
        return resolve_query_range(self.text, self.reference_time) if self.reference_time else None
