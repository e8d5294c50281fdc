"""A batch of searches on the wire."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.schemas.common import Message, Problem
from app.schemas.search.search import SearchMemory, SearchOut

MAX_SEARCHES = 32
MAX_BATCH_ITEMS = 1_000  # of all searches together: each item may hold a turn of 64 KiB


class SearchMemoryBatch(Message):
    """Searches of one user or several; each is answered as if it were sent alone."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "searches": [
                        {"user_id": "ann", "query": "Where does Ann live?", "k": 3},
                        {"user_id": "bob", "query": "What does Bob drive?", "k": 3},
                    ]
                }
            ]
        },
    )

    searches: list[SearchMemory] = Field(
        min_length=1,
        max_length=MAX_SEARCHES,
        description=f"At most {MAX_BATCH_ITEMS} items in all (the sum of `k`); none waits for a job",
    )

    @model_validator(mode="after")
    def _check_bounds(self) -> "SearchMemoryBatch":
        if sum(search.k for search in self.searches) > MAX_BATCH_ITEMS:
            raise ValueError(f"the searches ask for more than {MAX_BATCH_ITEMS} items together")
        if any(search.wait_for is not None for search in self.searches):
            raise ValueError("a search that waits for a job is sent alone: wait_for is not for a batch")
        return self


class SearchBatchResult(BaseModel):
    """What one of the searches found, or the problem that it would have been answered with alone."""

    status: int = Field(description="The status of the answer to this search alone: 200 if it has a `result`")
    result: SearchOut | None = None
    problem: Problem | None = None


class SearchBatchOut(BaseModel):
    """One result for each search, in the order of the request."""

    results: list[SearchBatchResult]
