"""The types of what goes in and comes back: names of this package for the generated classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union
from uuid import UUID

from .generated.models.accepted_turns import AcceptedTurns
from .generated.models.artifact import Artifact
from .generated.models.artifact_version import ArtifactVersion
from .generated.models.caller import Caller
from .generated.models.cited_answer import CitedAnswer
from .generated.models.derived_memory import DerivedMemory
from .generated.models.erasure_receipt import ErasureReceipt
from .generated.models.feedback import Feedback
from .generated.models.forgetting_plan import ForgettingPlan
from .generated.models.imported_bundle import ImportedBundle
from .generated.models.job_detail import JobDetail
from .generated.models.listed_session import ListedSession
from .generated.models.listed_user import ListedUser
from .generated.models.memory import Memory
from .generated.models.memory_history import MemoryHistory
from .generated.models.memory_source_list import MemorySourceList
from .generated.models.prompt_context import PromptContext
from .generated.models.search_item import SearchItem
from .generated.models.search_results import SearchResults
from .generated.models.session_erasure import SessionErasure
from .generated.models.session_state_version import SessionStateVersion
from .generated.models.store_result import StoreResult
from .generated.models.store_results import StoreResults
from .generated.models.stored_item import StoredItem
from .generated.models.turn import Turn

Id = Union[str, UUID]
"""An id of the service: a UUID, or its text."""

Fields = Mapping[str, Any]
"""Named fields of a request, as the API has them; times with a zone and UUIDs may be objects."""

TurnInput = Union[str, Fields]
"""A turn, or the user's text. A turn has `role` and `content`; `name`, `ref`, `observed_at`, `metadata`,
`place`, `shown_memory_ids`."""

TurnsInput = Union[TurnInput, Sequence[TurnInput]]
"""A text, a turn, or up to 500 of them."""

Labels = Iterable[str]
"""Words such as kinds or tags."""

__all__ = [
    "AcceptedTurns",
    "Artifact",
    "ArtifactVersion",
    "Caller",
    "CitedAnswer",
    "DerivedMemory",
    "ErasureReceipt",
    "Feedback",
    "Fields",
    "ForgettingPlan",
    "Id",
    "ImportedBundle",
    "JobDetail",
    "Labels",
    "ListedSession",
    "ListedUser",
    "Memory",
    "MemoryHistory",
    "MemorySourceList",
    "PromptContext",
    "SearchItem",
    "SearchResults",
    "SessionErasure",
    "SessionStateVersion",
    "StoreResult",
    "StoreResults",
    "StoredItem",
    "Turn",
    "TurnInput",
    "TurnsInput",
]
