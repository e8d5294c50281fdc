"""A whole search in an index that keeps all texts and vectors: match, rank, assemble."""

from app.memory.index.user_index import UserIndex
from app.memory.ranking.documents import Documents
from app.memory.ranking.matching.exact_index import ExactSearchIndex
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.rank import rank
from app.memory.ranking.results.assemble import assemble
from app.memory.ranking.results.deduplication import SearchResult


def search_index(index: UserIndex, query: SearchQuery) -> list[SearchResult]:
    """The results, best first; the same as the service gives, without reading a database."""
    plan = plan_query(index, query)
    return assemble(plan, rank(plan, ExactSearchIndex(index).match(plan)), Documents.of_index(index))
