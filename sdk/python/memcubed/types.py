"""The types of what goes in and comes back: names of this package for the generated classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union
from uuid import UUID

from .generated.models.answer_out import AnswerOut as Answer
from .generated.models.artifact_out import ArtifactOut as Artifact
from .generated.models.artifact_version_out import ArtifactVersionOut as ArtifactSummary
from .generated.models.context_out import ContextOut as Context
from .generated.models.derived_out import DerivedOut as DerivedMemory
from .generated.models.erasure_receipt import ErasureReceipt
from .generated.models.feedback_out import FeedbackOut as Feedback
from .generated.models.forget_out import ForgetOut as ForgetPlan
from .generated.models.history import History
from .generated.models.imported import Imported
from .generated.models.item import Item as SearchItem
from .generated.models.job_detail import JobDetail as Job
from .generated.models.memory_out import MemoryOut as Memory
from .generated.models.search_out import SearchOut as SearchResult
from .generated.models.session_state_out import SessionStateOut as SessionState
from .generated.models.source_list import SourceList
from .generated.models.turn_out import TurnOut as Turn
from .generated.models.turns_accepted import TurnsAccepted as AddedTurns

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
    "AddedTurns",
    "Answer",
    "Artifact",
    "ArtifactSummary",
    "Context",
    "DerivedMemory",
    "ErasureReceipt",
    "Feedback",
    "Fields",
    "ForgetPlan",
    "History",
    "Id",
    "Imported",
    "Job",
    "Labels",
    "Memory",
    "SearchItem",
    "SearchResult",
    "SessionState",
    "SourceList",
    "Turn",
    "TurnInput",
    "TurnsInput",
]
