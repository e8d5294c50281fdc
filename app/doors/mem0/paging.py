"""mem0's pages: numbers, a count, and the addresses of the next and the previous page."""

from typing import Annotated, Any

from fastapi import Query

from app.core.errors import InvalidInput

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 500
MAX_PAGE = 10_000
PageQuery = Annotated[int | None, Query(ge=1, le=MAX_PAGE)]
PageSizeQuery = Annotated[int | None, Query(ge=1, le=MAX_PAGE_SIZE)]
# Labels of the client and accounts of mem0's, which its clients may send along everywhere.
LabelQuery = Annotated[str | None, Query(max_length=200)]


def read_page(page: int | None, page_size: int | None) -> tuple[int, int, int]:
    """(page, page size, offset). Raises `InvalidInput`; a query has been checked already, a body has not."""
    page = 1 if page is None else page
    page_size = DEFAULT_PAGE_SIZE if page_size is None else page_size
    for name, value, most in (("page", page, MAX_PAGE), ("page_size", page_size, MAX_PAGE_SIZE)):
        if not 1 <= value <= most:
            raise InvalidInput(f"This is 1 to {most}.", field=name)
    return page, page_size, (page - 1) * page_size


def to_page(path: str, page: int, page_size: int, results: list[Any], total: int) -> dict[str, Any]:
    """A page of results as mem0 shows it."""
    has_more = page * page_size < total
    return {
        "count": total,
        "next": f"{path}?page={page + 1}&page_size={page_size}" if has_more else None,
        "previous": f"{path}?page={page - 1}&page_size={page_size}" if page > 1 else None,
        "results": results,
    }
