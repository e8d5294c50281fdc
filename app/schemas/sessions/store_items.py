"""Operations of a user's store on the wire: JSON objects under a namespace and a key."""

import math
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from app.schemas.common import Instant, Message, NoNul, PathId, Text, check_json_value

MAX_OPERATIONS, MAX_ITEMS, MAX_LABELS, MAX_TEXTS, MAX_DIMENSIONS = 200, 1_000, 16, 32, 4_096
MAX_MINUTES = 10 * 366 * 24 * 60.0
ANY_LABEL = "*"


def _check_encodable(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise ValueError("must be valid Unicode") from exc
    return value


def _check_object(value: dict[str, Any]) -> dict[str, Any]:
    check_json_value(value)
    return value


def _normalise_length(vector: list[float]) -> list[float]:
    # Only directions are compared, and halves hold neither very large nor very small numbers.
    length = math.hypot(*vector)
    if not 0 < length < math.inf:
        raise ValueError("must have a direction")
    return [value / length for value in vector]


Label = Annotated[
    str, StringConstraints(min_length=1, max_length=200), NoNul, AfterValidator(_check_encodable)
]
Key = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    NoNul,
    AfterValidator(_check_encodable),
    Field(description="Names the item within its namespace"),
]
Namespace = Annotated[
    list[Label],
    Field(min_length=1, max_length=MAX_LABELS, description="The labels of the namespace, outermost first"),
]
NamespacePrefix = Annotated[
    list[Label],
    Field(max_length=MAX_LABELS, description="The first labels of the namespaces; none = all of them"),
]
JsonObject = Annotated[dict[str, Any], AfterValidator(_check_object)]
Vector = Annotated[
    list[float],
    AfterValidator(_normalise_length),
    Field(
        min_length=1,
        max_length=MAX_DIMENSIONS,
        description="Made by the client's own model; compared only with vectors of as many dimensions",
    ),
]
RefreshTtl = Annotated[
    bool,
    Field(description="Let the time to live of what is read begin anew; done for keys that may write"),
]


class ItemText(Message):
    """A text by which an item is found; the service embeds it."""

    path: Label = Field(description="Names the text within the item; the same path again replaces it")
    text: Text = Field(description="What is embedded")


class ItemVector(Message):
    """A vector by which an item is found, made by the client."""

    path: Label = Field(description="Names the vector within the item")
    vector: Vector


class GetStoreItem(Message):
    """Read one item."""

    op: Literal["get"] = Field(description="Which operation this is")
    namespace: Namespace
    key: Key
    refresh_ttl: RefreshTtl = False


class PutStoreItem(Message):
    """Write an item in place of the one with this namespace and key."""

    op: Literal["put"] = Field(description="Which operation this is")
    namespace: Namespace
    key: Key
    value: JsonObject = Field(description="The item: a JSON object")
    texts: list[ItemText] = Field(
        default_factory=list[ItemText], max_length=MAX_TEXTS, description="By which a `query` finds it"
    )
    vectors: list[ItemVector] = Field(
        default_factory=list[ItemVector], max_length=MAX_TEXTS, description="By which a `vector` finds it"
    )
    ttl_minutes: float | None = Field(
        default=None, gt=0, le=MAX_MINUTES, description="How long it lives; default: until it is deleted"
    )

    @model_validator(mode="after")
    def _check_paths(self) -> "PutStoreItem":
        paths = [one.path for one in (*self.texts, *self.vectors)]
        if len(set(paths)) < len(paths):
            raise ValueError("texts and vectors must have different paths")
        return self


class DeleteStoreItem(Message):
    """Delete one item; one that is not there is no error."""

    op: Literal["delete"] = Field(description="Which operation this is")
    namespace: Namespace
    key: Key


class SearchStoreItems(Message):
    """Find items: those nearest to a `query` or `vector`, else the ones written last."""

    op: Literal["search"] = Field(description="Which operation this is")
    namespace_prefix: NamespacePrefix
    filter: JsonObject | None = Field(
        default=None,
        description="Members of the value that must be equal, or `{member: {operator: value}}` with $eq, $ne,"
        " $gt, $gte, $lt, $lte; numbers are compared as numbers, and only with numbers",
    )
    query: Text | None = Field(default=None, description="Compared with the `texts` of the items")
    vector: Vector | None = Field(
        default=None, description="Compared with the `vectors` of the items that have as many dimensions"
    )
    limit: int = Field(default=10, ge=1, le=MAX_ITEMS, description="How many items at most")
    offset: int = Field(default=0, ge=0, le=100_000, description="How many of the best to leave out")
    refresh_ttl: RefreshTtl = False

    @model_validator(mode="after")
    def _check_one_measure(self) -> "SearchStoreItems":
        if self.query is not None and self.vector is not None:
            raise ValueError("a search has a query or a vector, not both")
        return self


class MatchType(StrEnum):
    """Where the labels of a namespace are compared."""

    PREFIX = "prefix"
    SUFFIX = "suffix"


class NamespaceMatch(Message):
    """What a namespace must begin or end with."""

    match_type: MatchType = Field(description="Whether it must begin or end with the labels")
    path: Annotated[
        list[Label],
        Field(min_length=1, max_length=MAX_LABELS, description="The labels; `*` stands for any one label"),
    ]


class ListStoreNamespaces(Message):
    """List the namespaces that have items, in order."""

    op: Literal["list_namespaces"] = Field(description="Which operation this is")
    match_conditions: list[NamespaceMatch] = Field(
        default_factory=list[NamespaceMatch], max_length=MAX_LABELS, description="All of which must hold"
    )
    max_depth: int | None = Field(
        default=None, ge=1, le=MAX_LABELS, description="Cut namespaces to so many labels"
    )
    limit: int = Field(default=100, ge=1, le=MAX_ITEMS, description="How many namespaces at most")
    offset: int = Field(default=0, ge=0, le=100_000, description="How many of the first to leave out")


StoreOperation = Annotated[
    GetStoreItem | PutStoreItem | DeleteStoreItem | SearchStoreItems | ListStoreNamespaces,
    Field(discriminator="op"),
]


class RunStoreOperations(Message):
    """Operations of one user's store, done in their order and in one transaction."""

    user_id: PathId = Field(description="Whose store it is")
    operations: Annotated[
        list[StoreOperation], Field(min_length=1, max_length=MAX_OPERATIONS, description="What is to be done")
    ]


class StoredItem(BaseModel):
    """An item of a store."""

    namespace: list[str] = Field(description="The labels of its namespace")
    key: str = Field(description="Its name within the namespace")
    value: dict[str, Any] = Field(description="The JSON object")
    created_at: Instant
    updated_at: Instant
    expires_at: Instant | None = Field(default=None, description="From when on it is not there any more")
    score: float | None = Field(default=None, description="Cosine of its nearest text or vector, -1 to 1")


class StoreResult(BaseModel):
    """What one operation gave; what does not belong to it is null."""

    item: StoredItem | None = Field(default=None, description="Of `get`: the item, null if there is none")
    items: list[StoredItem] | None = Field(default=None, description="Of `search`")
    namespaces: list[list[str]] | None = Field(default=None, description="Of `list_namespaces`")


class StoreResults(BaseModel):
    """What the operations gave, in their order."""

    results: list[StoreResult] = Field(description="One for each operation")
