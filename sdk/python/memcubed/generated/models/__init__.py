"""Contains all the data models used in inputs/outputs, each loaded when it is first named"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .abstain_reason import AbstainReason
    from .answer_in import AnswerIn
    from .answer_out import AnswerOut
    from .artifact_in import ArtifactIn
    from .artifact_out import ArtifactOut
    from .artifact_out_type import ArtifactOutType
    from .artifact_page import ArtifactPage
    from .artifact_reference import ArtifactReference
    from .artifact_reference_type import ArtifactReferenceType
    from .artifact_version_out import ArtifactVersionOut
    from .artifact_version_out_type import ArtifactVersionOutType
    from .artifact_version_page import ArtifactVersionPage
    from .check import Check
    from .claim_out import ClaimOut
    from .conflict import Conflict
    from .conflict_page import ConflictPage
    from .conflict_resolution import ConflictResolution
    from .conflict_side import ConflictSide
    from .context_filters import ContextFilters
    from .context_in import ContextIn
    from .context_in_format import ContextInFormat
    from .context_out import ContextOut
    from .copied import Copied
    from .copied_from import CopiedFrom
    from .copy_in import CopyIn
    from .copy_out import CopyOut
    from .copy_result import CopyResult
    from .dependent import Dependent
    from .dependent_page import DependentPage
    from .derived_out import DerivedOut
    from .derived_source import DerivedSource
    from .embedding_model_out import EmbeddingModelOut
    from .entity_merge import EntityMerge
    from .entity_out import EntityOut
    from .entity_page import EntityPage
    from .entity_split import EntitySplit
    from .entity_type import EntityType
    from .erased_part import ErasedPart
    from .erasure import Erasure
    from .erasure_page import ErasurePage
    from .erasure_receipt import ErasureReceipt
    from .evidence import Evidence
    from .evidence_dated_by import EvidenceDatedBy
    from .feedback_in import FeedbackIn
    from .feedback_out import FeedbackOut
    from .forget_in import ForgetIn
    from .forget_out import ForgetOut
    from .forgotten_item import ForgottenItem
    from .forgotten_item_action import ForgottenItemAction
    from .form import Form
    from .goal import Goal
    from .goal_status import GoalStatus
    from .grant_in import GrantIn
    from .grant_out import GrantOut
    from .grant_page import GrantPage
    from .history import History
    from .imported import Imported
    from .item import Item
    from .item_excerpt import ItemExcerpt
    from .item_type import ItemType
    from .job_detail import JobDetail
    from .job_out import JobOut
    from .job_page import JobPage
    from .job_status import JobStatus
    from .key_created import KeyCreated
    from .key_in import KeyIn
    from .key_list import KeyList
    from .key_out import KeyOut
    from .key_scope import KeyScope
    from .kind import Kind
    from .layer import Layer
    from .link_out import LinkOut
    from .link_out_direction import LinkOutDirection
    from .link_page import LinkPage
    from .link_type import LinkType
    from .liveness import Liveness
    from .llm_usage import LlmUsage
    from .memory_in import MemoryIn
    from .memory_out import MemoryOut
    from .memory_page import MemoryPage
    from .memory_patch import MemoryPatch
    from .metadata_filter import MetadataFilter
    from .metadata_filter_op_type_0 import MetadataFilterOpType0
    from .near import Near
    from .near_turn import NearTurn
    from .neighbour import Neighbour
    from .neighbour_direction import NeighbourDirection
    from .neighbour_page import NeighbourPage
    from .no_answer_reason import NoAnswerReason
    from .op import Op
    from .order import Order
    from .order_out import OrderOut
    from .origin import Origin
    from .part import Part
    from .place import Place
    from .place_out import PlaceOut
    from .problem import Problem
    from .procedure_step import ProcedureStep
    from .progress import Progress
    from .ranker_out import RankerOut
    from .ranker_version import RankerVersion
    from .ranker_version_reason import RankerVersionReason
    from .readiness import Readiness
    from .readiness_embeddings import ReadinessEmbeddings
    from .readiness_status import ReadinessStatus
    from .reason import Reason
    from .reembed import Reembed
    from .reembed_in import ReembedIn
    from .reembed_out import ReembedOut
    from .reembed_state import ReembedState
    from .reembed_status import ReembedStatus
    from .reliance import Reliance
    from .resolved_conflict import ResolvedConflict
    from .right import Right
    from .role import Role
    from .rolled_back import RolledBack
    from .search_batch_in import SearchBatchIn
    from .search_batch_out import SearchBatchOut
    from .search_batch_result import SearchBatchResult
    from .search_filters import SearchFilters
    from .search_in import SearchIn
    from .search_out import SearchOut
    from .session_state import SessionState
    from .session_state_in import SessionStateIn
    from .session_state_out import SessionStateOut
    from .snapshot_in import SnapshotIn
    from .snapshot_out import SnapshotOut
    from .snapshot_page import SnapshotPage
    from .source import Source
    from .source_list import SourceList
    from .span import Span
    from .stage import Stage
    from .status import Status
    from .subject import Subject
    from .tag_out import TagOut
    from .tag_page import TagPage
    from .timeline_entry import TimelineEntry
    from .timeline_item import TimelineItem
    from .timeline_page import TimelinePage
    from .training import Training
    from .turn_in import TurnIn
    from .turn_out import TurnOut
    from .turn_outcome import TurnOutcome
    from .turn_page import TurnPage
    from .turn_state import TurnState
    from .turns_accepted import TurnsAccepted
    from .turns_in import TurnsIn
    from .version_out import VersionOut
    from .volatility import Volatility
    from .working_set import WorkingSet
    from .working_slot import WorkingSlot

_MODULES = {
    "AbstainReason": ".abstain_reason",
    "AnswerIn": ".answer_in",
    "AnswerOut": ".answer_out",
    "ArtifactIn": ".artifact_in",
    "ArtifactOut": ".artifact_out",
    "ArtifactOutType": ".artifact_out_type",
    "ArtifactPage": ".artifact_page",
    "ArtifactReference": ".artifact_reference",
    "ArtifactReferenceType": ".artifact_reference_type",
    "ArtifactVersionOut": ".artifact_version_out",
    "ArtifactVersionOutType": ".artifact_version_out_type",
    "ArtifactVersionPage": ".artifact_version_page",
    "Check": ".check",
    "ClaimOut": ".claim_out",
    "Conflict": ".conflict",
    "ConflictPage": ".conflict_page",
    "ConflictResolution": ".conflict_resolution",
    "ConflictSide": ".conflict_side",
    "ContextFilters": ".context_filters",
    "ContextIn": ".context_in",
    "ContextInFormat": ".context_in_format",
    "ContextOut": ".context_out",
    "Copied": ".copied",
    "CopiedFrom": ".copied_from",
    "CopyIn": ".copy_in",
    "CopyOut": ".copy_out",
    "CopyResult": ".copy_result",
    "Dependent": ".dependent",
    "DependentPage": ".dependent_page",
    "DerivedOut": ".derived_out",
    "DerivedSource": ".derived_source",
    "EmbeddingModelOut": ".embedding_model_out",
    "EntityMerge": ".entity_merge",
    "EntityOut": ".entity_out",
    "EntityPage": ".entity_page",
    "EntitySplit": ".entity_split",
    "EntityType": ".entity_type",
    "ErasedPart": ".erased_part",
    "Erasure": ".erasure",
    "ErasurePage": ".erasure_page",
    "ErasureReceipt": ".erasure_receipt",
    "Evidence": ".evidence",
    "EvidenceDatedBy": ".evidence_dated_by",
    "FeedbackIn": ".feedback_in",
    "FeedbackOut": ".feedback_out",
    "ForgetIn": ".forget_in",
    "ForgetOut": ".forget_out",
    "ForgottenItem": ".forgotten_item",
    "ForgottenItemAction": ".forgotten_item_action",
    "Form": ".form",
    "Goal": ".goal",
    "GoalStatus": ".goal_status",
    "GrantIn": ".grant_in",
    "GrantOut": ".grant_out",
    "GrantPage": ".grant_page",
    "History": ".history",
    "Imported": ".imported",
    "Item": ".item",
    "ItemExcerpt": ".item_excerpt",
    "ItemType": ".item_type",
    "JobDetail": ".job_detail",
    "JobOut": ".job_out",
    "JobPage": ".job_page",
    "JobStatus": ".job_status",
    "KeyCreated": ".key_created",
    "KeyIn": ".key_in",
    "KeyList": ".key_list",
    "KeyOut": ".key_out",
    "KeyScope": ".key_scope",
    "Kind": ".kind",
    "Layer": ".layer",
    "LinkOut": ".link_out",
    "LinkOutDirection": ".link_out_direction",
    "LinkPage": ".link_page",
    "LinkType": ".link_type",
    "Liveness": ".liveness",
    "LlmUsage": ".llm_usage",
    "MemoryIn": ".memory_in",
    "MemoryOut": ".memory_out",
    "MemoryPage": ".memory_page",
    "MemoryPatch": ".memory_patch",
    "MetadataFilter": ".metadata_filter",
    "MetadataFilterOpType0": ".metadata_filter_op_type_0",
    "Near": ".near",
    "NearTurn": ".near_turn",
    "Neighbour": ".neighbour",
    "NeighbourDirection": ".neighbour_direction",
    "NeighbourPage": ".neighbour_page",
    "NoAnswerReason": ".no_answer_reason",
    "Op": ".op",
    "Order": ".order",
    "OrderOut": ".order_out",
    "Origin": ".origin",
    "Part": ".part",
    "Place": ".place",
    "PlaceOut": ".place_out",
    "Problem": ".problem",
    "ProcedureStep": ".procedure_step",
    "Progress": ".progress",
    "RankerOut": ".ranker_out",
    "RankerVersion": ".ranker_version",
    "RankerVersionReason": ".ranker_version_reason",
    "Readiness": ".readiness",
    "ReadinessEmbeddings": ".readiness_embeddings",
    "ReadinessStatus": ".readiness_status",
    "Reason": ".reason",
    "Reembed": ".reembed",
    "ReembedIn": ".reembed_in",
    "ReembedOut": ".reembed_out",
    "ReembedState": ".reembed_state",
    "ReembedStatus": ".reembed_status",
    "Reliance": ".reliance",
    "ResolvedConflict": ".resolved_conflict",
    "Right": ".right",
    "Role": ".role",
    "RolledBack": ".rolled_back",
    "SearchBatchIn": ".search_batch_in",
    "SearchBatchOut": ".search_batch_out",
    "SearchBatchResult": ".search_batch_result",
    "SearchFilters": ".search_filters",
    "SearchIn": ".search_in",
    "SearchOut": ".search_out",
    "SessionState": ".session_state",
    "SessionStateIn": ".session_state_in",
    "SessionStateOut": ".session_state_out",
    "SnapshotIn": ".snapshot_in",
    "SnapshotOut": ".snapshot_out",
    "SnapshotPage": ".snapshot_page",
    "Source": ".source",
    "SourceList": ".source_list",
    "Span": ".span",
    "Stage": ".stage",
    "Status": ".status",
    "Subject": ".subject",
    "TagOut": ".tag_out",
    "TagPage": ".tag_page",
    "TimelineEntry": ".timeline_entry",
    "TimelineItem": ".timeline_item",
    "TimelinePage": ".timeline_page",
    "Training": ".training",
    "TurnIn": ".turn_in",
    "TurnOut": ".turn_out",
    "TurnOutcome": ".turn_outcome",
    "TurnPage": ".turn_page",
    "TurnState": ".turn_state",
    "TurnsAccepted": ".turns_accepted",
    "TurnsIn": ".turns_in",
    "VersionOut": ".version_out",
    "Volatility": ".volatility",
    "WorkingSet": ".working_set",
    "WorkingSlot": ".working_slot",
}

__all__ = (
    "AbstainReason",
    "AnswerIn",
    "AnswerOut",
    "ArtifactIn",
    "ArtifactOut",
    "ArtifactOutType",
    "ArtifactPage",
    "ArtifactReference",
    "ArtifactReferenceType",
    "ArtifactVersionOut",
    "ArtifactVersionOutType",
    "ArtifactVersionPage",
    "Check",
    "ClaimOut",
    "Conflict",
    "ConflictPage",
    "ConflictResolution",
    "ConflictSide",
    "ContextFilters",
    "ContextIn",
    "ContextInFormat",
    "ContextOut",
    "Copied",
    "CopiedFrom",
    "CopyIn",
    "CopyOut",
    "CopyResult",
    "Dependent",
    "DependentPage",
    "DerivedOut",
    "DerivedSource",
    "EmbeddingModelOut",
    "EntityMerge",
    "EntityOut",
    "EntityPage",
    "EntitySplit",
    "EntityType",
    "ErasedPart",
    "Erasure",
    "ErasurePage",
    "ErasureReceipt",
    "Evidence",
    "EvidenceDatedBy",
    "FeedbackIn",
    "FeedbackOut",
    "ForgetIn",
    "ForgetOut",
    "ForgottenItem",
    "ForgottenItemAction",
    "Form",
    "Goal",
    "GoalStatus",
    "GrantIn",
    "GrantOut",
    "GrantPage",
    "History",
    "Imported",
    "Item",
    "ItemExcerpt",
    "ItemType",
    "JobDetail",
    "JobOut",
    "JobPage",
    "JobStatus",
    "KeyCreated",
    "KeyIn",
    "KeyList",
    "KeyOut",
    "KeyScope",
    "Kind",
    "Layer",
    "LinkOut",
    "LinkOutDirection",
    "LinkPage",
    "LinkType",
    "Liveness",
    "LlmUsage",
    "MemoryIn",
    "MemoryOut",
    "MemoryPage",
    "MemoryPatch",
    "MetadataFilter",
    "MetadataFilterOpType0",
    "Near",
    "NearTurn",
    "Neighbour",
    "NeighbourDirection",
    "NeighbourPage",
    "NoAnswerReason",
    "Op",
    "Order",
    "OrderOut",
    "Origin",
    "Part",
    "Place",
    "PlaceOut",
    "Problem",
    "ProcedureStep",
    "Progress",
    "RankerOut",
    "RankerVersion",
    "RankerVersionReason",
    "Readiness",
    "ReadinessEmbeddings",
    "ReadinessStatus",
    "Reason",
    "Reembed",
    "ReembedIn",
    "ReembedOut",
    "ReembedState",
    "ReembedStatus",
    "Reliance",
    "ResolvedConflict",
    "Right",
    "Role",
    "RolledBack",
    "SearchBatchIn",
    "SearchBatchOut",
    "SearchBatchResult",
    "SearchFilters",
    "SearchIn",
    "SearchOut",
    "SessionState",
    "SessionStateIn",
    "SessionStateOut",
    "SnapshotIn",
    "SnapshotOut",
    "SnapshotPage",
    "Source",
    "SourceList",
    "Span",
    "Stage",
    "Status",
    "Subject",
    "TagOut",
    "TagPage",
    "TimelineEntry",
    "TimelineItem",
    "TimelinePage",
    "Training",
    "TurnIn",
    "TurnOut",
    "TurnOutcome",
    "TurnPage",
    "TurnsAccepted",
    "TurnsIn",
    "TurnState",
    "VersionOut",
    "Volatility",
    "WorkingSet",
    "WorkingSlot",
)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)
