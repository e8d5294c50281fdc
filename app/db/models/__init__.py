"""All tables.

`tenant_id` is the first column of the primary key and of every index of a tenant's table, so that the schema
shards by tenant; only indexes that are read across tenants, and a GIN index, begin with something else.
Importing this package registers every table: a new module of tables is imported here.
"""

from app.db.base import Base
from app.db.models.derivations import Derivation
from app.db.models.entity_aliases import EntityAlias
from app.db.models.erasures import Erasure
from app.db.models.feedback import Feedback, Ranker, RankerVersion
from app.db.models.grants import Grant
from app.db.models.index_snapshots import AnnVector, IndexSnapshot, IndexSnapshotRequest
from app.db.models.instance import EmbeddingModel, Reembedding, Worker
from app.db.models.llm_times import LlmTimes, LlmTotals
from app.db.models.memories import Assertion, Embedding, Link, Memory, MemoryVersion
from app.db.models.session_states import Artifact, ArtifactVersion, SessionState
from app.db.models.snapshots import Snapshot
from app.db.models.store_items import StoreItem, StoreVector
from app.db.models.tenants import ApiKey, IdempotencyKey, Tenant, Usage, User
from app.db.models.turns import ChatSession, Job, Segment, Turn

__all__ = [
    "AnnVector",
    "ApiKey",
    "Artifact",
    "ArtifactVersion",
    "Assertion",
    "Base",
    "ChatSession",
    "Derivation",
    "Embedding",
    "EmbeddingModel",
    "EntityAlias",
    "Erasure",
    "Feedback",
    "Grant",
    "IdempotencyKey",
    "IndexSnapshot",
    "IndexSnapshotRequest",
    "Job",
    "Link",
    "LlmTimes",
    "LlmTotals",
    "Memory",
    "MemoryVersion",
    "Ranker",
    "RankerVersion",
    "Reembedding",
    "Segment",
    "SessionState",
    "Snapshot",
    "StoreItem",
    "StoreVector",
    "Tenant",
    "Turn",
    "Usage",
    "User",
    "Worker",
]
