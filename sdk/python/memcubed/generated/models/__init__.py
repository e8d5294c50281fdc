"""Contains all the data models used in inputs/outputs, each loaded when it is first named"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .abstain_reason import AbstainReason
    from .accepted_turns import AcceptedTurns
    from .add_turns import AddTurns
    from .answer_claim import AnswerClaim
    from .answer_question import AnswerQuestion
    from .api_key import ApiKey
    from .api_key_list import ApiKeyList
    from .artifact import Artifact
    from .artifact_page import ArtifactPage
    from .artifact_reference import ArtifactReference
    from .artifact_type import ArtifactType
    from .artifact_version import ArtifactVersion
    from .artifact_version_page import ArtifactVersionPage
    from .build_context import BuildContext
    from .called_function import CalledFunction
    from .called_tool import CalledTool
    from .caller import Caller
    from .change_reason import ChangeReason
    from .cited_answer import CitedAnswer
    from .conflict import Conflict
    from .conflict_page import ConflictPage
    from .conflict_side import ConflictSide
    from .context_filters import ContextFilters
    from .context_format import ContextFormat
    from .copied_from import CopiedFrom
    from .copied_memories import CopiedMemories
    from .copied_memory import CopiedMemory
    from .copy_memories import CopyMemories
    from .copy_result import CopyResult
    from .create_grant import CreateGrant
    from .create_key import CreateKey
    from .create_memory import CreateMemory
    from .create_snapshot import CreateSnapshot
    from .created_api_key import CreatedApiKey
    from .dated_by import DatedBy
    from .delete_store_item import DeleteStoreItem
    from .dependent_memory import DependentMemory
    from .dependent_memory_page import DependentMemoryPage
    from .derived_memory import DerivedMemory
    from .derived_memory_source import DerivedMemorySource
    from .embedding_model import EmbeddingModel
    from .embedding_source import EmbeddingSource
    from .entity import Entity
    from .entity_neighbour import EntityNeighbour
    from .entity_neighbour_page import EntityNeighbourPage
    from .entity_page import EntityPage
    from .entity_type import EntityType
    from .erased_part import ErasedPart
    from .erasure import Erasure
    from .erasure_page import ErasurePage
    from .erasure_part import ErasurePart
    from .erasure_receipt import ErasureReceipt
    from .erasure_subject import ErasureSubject
    from .feedback import Feedback
    from .field_error import FieldError
    from .forgetting_action import ForgettingAction
    from .forgetting_plan import ForgettingPlan
    from .forgotten_item import ForgottenItem
    from .geo_circle import GeoCircle
    from .geo_place import GeoPlace
    from .geo_place_input import GeoPlaceInput
    from .get_store_item import GetStoreItem
    from .goal_status import GoalStatus
    from .grant import Grant
    from .grant_page import GrantPage
    from .grant_right import GrantRight
    from .health_check import HealthCheck
    from .imported_bundle import ImportedBundle
    from .item_text import ItemText
    from .item_type import ItemType
    from .item_vector import ItemVector
    from .job import Job
    from .job_count import JobCount
    from .job_detail import JobDetail
    from .job_page import JobPage
    from .job_progress import JobProgress
    from .job_stage import JobStage
    from .job_status import JobStatus
    from .key_scope import KeyScope
    from .link_direction import LinkDirection
    from .list_store_namespaces import ListStoreNamespaces
    from .list_turns_order import ListTurnsOrder
    from .listed_session import ListedSession
    from .listed_user import ListedUser
    from .liveness import Liveness
    from .llm_purpose import LlmPurpose
    from .llm_times import LlmTimes
    from .llm_usage import LlmUsage
    from .match_type import MatchType
    from .memory import Memory
    from .memory_form import MemoryForm
    from .memory_history import MemoryHistory
    from .memory_kind import MemoryKind
    from .memory_layer import MemoryLayer
    from .memory_link import MemoryLink
    from .memory_link_page import MemoryLinkPage
    from .memory_link_type import MemoryLinkType
    from .memory_operation import MemoryOperation
    from .memory_origin import MemoryOrigin
    from .memory_page import MemoryPage
    from .memory_snapshot import MemorySnapshot
    from .memory_source import MemorySource
    from .memory_source_list import MemorySourceList
    from .memory_status import MemoryStatus
    from .memory_tag import MemoryTag
    from .memory_version import MemoryVersion
    from .merge_entities import MergeEntities
    from .metadata_filter import MetadataFilter
    from .metadata_operator import MetadataOperator
    from .namespace_match import NamespaceMatch
    from .near_turn import NearTurn
    from .no_answer_reason import NoAnswerReason
    from .order_answer import OrderAnswer
    from .order_comparison import OrderComparison
    from .order_evidence import OrderEvidence
    from .plan_forgetting import PlanForgetting
    from .problem import Problem
    from .problem_code import ProblemCode
    from .procedure_step import ProcedureStep
    from .prompt_context import PromptContext
    from .put_artifact import PutArtifact
    from .put_session_state import PutSessionState
    from .put_store_item import PutStoreItem
    from .ranker import Ranker
    from .ranker_change import RankerChange
    from .ranker_training import RankerTraining
    from .ranker_version import RankerVersion
    from .readiness import Readiness
    from .readiness_status import ReadinessStatus
    from .reembed_action import ReembedAction
    from .reembed_run import ReembedRun
    from .reembed_state import ReembedState
    from .reembed_status import ReembedStatus
    from .reference_type import ReferenceType
    from .reliance import Reliance
    from .resolve_conflict import ResolveConflict
    from .resolved_conflict import ResolvedConflict
    from .rollback_result import RollbackResult
    from .run_store_operations import RunStoreOperations
    from .search_batch_entry import SearchBatchEntry
    from .search_batch_results import SearchBatchResults
    from .search_excerpt import SearchExcerpt
    from .search_filters import SearchFilters
    from .search_item import SearchItem
    from .search_kind import SearchKind
    from .search_memory import SearchMemory
    from .search_memory_batch import SearchMemoryBatch
    from .search_results import SearchResults
    from .search_store_items import SearchStoreItems
    from .send_feedback import SendFeedback
    from .session_erasure import SessionErasure
    from .session_goal import SessionGoal
    from .session_page import SessionPage
    from .session_state import SessionState
    from .session_state_version import SessionStateVersion
    from .slot_period import SlotPeriod
    from .snapshot import Snapshot
    from .snapshot_page import SnapshotPage
    from .split_entity import SplitEntity
    from .start_reembed import StartReembed
    from .store_result import StoreResult
    from .store_results import StoreResults
    from .stored_item import StoredItem
    from .tag_page import TagPage
    from .text_span import TextSpan
    from .timeline_item import TimelineItem
    from .timeline_page import TimelinePage
    from .tool_call import ToolCall
    from .tool_call_type import ToolCallType
    from .turn import Turn
    from .turn_input import TurnInput
    from .turn_input_content_type_1_item import TurnInputContentType1Item
    from .turn_input_content_type_1_item_type import TurnInputContentType1ItemType
    from .turn_outcome import TurnOutcome
    from .turn_page import TurnPage
    from .turn_role import TurnRole
    from .turn_state import TurnState
    from .update_memory import UpdateMemory
    from .usage_day import UsageDay
    from .usage_report import UsageReport
    from .user_page import UserPage
    from .volatility import Volatility
    from .working_set import WorkingSet
    from .working_slot import WorkingSlot

_MODULES = {
    "AbstainReason": ".abstain_reason",
    "AcceptedTurns": ".accepted_turns",
    "AddTurns": ".add_turns",
    "AnswerClaim": ".answer_claim",
    "AnswerQuestion": ".answer_question",
    "ApiKey": ".api_key",
    "ApiKeyList": ".api_key_list",
    "Artifact": ".artifact",
    "ArtifactPage": ".artifact_page",
    "ArtifactReference": ".artifact_reference",
    "ArtifactType": ".artifact_type",
    "ArtifactVersion": ".artifact_version",
    "ArtifactVersionPage": ".artifact_version_page",
    "BuildContext": ".build_context",
    "CalledFunction": ".called_function",
    "CalledTool": ".called_tool",
    "Caller": ".caller",
    "ChangeReason": ".change_reason",
    "CitedAnswer": ".cited_answer",
    "Conflict": ".conflict",
    "ConflictPage": ".conflict_page",
    "ConflictSide": ".conflict_side",
    "ContextFilters": ".context_filters",
    "ContextFormat": ".context_format",
    "CopiedFrom": ".copied_from",
    "CopiedMemories": ".copied_memories",
    "CopiedMemory": ".copied_memory",
    "CopyMemories": ".copy_memories",
    "CopyResult": ".copy_result",
    "CreateGrant": ".create_grant",
    "CreateKey": ".create_key",
    "CreateMemory": ".create_memory",
    "CreateSnapshot": ".create_snapshot",
    "CreatedApiKey": ".created_api_key",
    "DatedBy": ".dated_by",
    "DeleteStoreItem": ".delete_store_item",
    "DependentMemory": ".dependent_memory",
    "DependentMemoryPage": ".dependent_memory_page",
    "DerivedMemory": ".derived_memory",
    "DerivedMemorySource": ".derived_memory_source",
    "EmbeddingModel": ".embedding_model",
    "EmbeddingSource": ".embedding_source",
    "Entity": ".entity",
    "EntityNeighbour": ".entity_neighbour",
    "EntityNeighbourPage": ".entity_neighbour_page",
    "EntityPage": ".entity_page",
    "EntityType": ".entity_type",
    "ErasedPart": ".erased_part",
    "Erasure": ".erasure",
    "ErasurePage": ".erasure_page",
    "ErasurePart": ".erasure_part",
    "ErasureReceipt": ".erasure_receipt",
    "ErasureSubject": ".erasure_subject",
    "Feedback": ".feedback",
    "FieldError": ".field_error",
    "ForgettingAction": ".forgetting_action",
    "ForgettingPlan": ".forgetting_plan",
    "ForgottenItem": ".forgotten_item",
    "GeoCircle": ".geo_circle",
    "GeoPlace": ".geo_place",
    "GeoPlaceInput": ".geo_place_input",
    "GetStoreItem": ".get_store_item",
    "GoalStatus": ".goal_status",
    "Grant": ".grant",
    "GrantPage": ".grant_page",
    "GrantRight": ".grant_right",
    "HealthCheck": ".health_check",
    "ImportedBundle": ".imported_bundle",
    "ItemText": ".item_text",
    "ItemType": ".item_type",
    "ItemVector": ".item_vector",
    "Job": ".job",
    "JobCount": ".job_count",
    "JobDetail": ".job_detail",
    "JobPage": ".job_page",
    "JobProgress": ".job_progress",
    "JobStage": ".job_stage",
    "JobStatus": ".job_status",
    "KeyScope": ".key_scope",
    "LinkDirection": ".link_direction",
    "ListStoreNamespaces": ".list_store_namespaces",
    "ListTurnsOrder": ".list_turns_order",
    "ListedSession": ".listed_session",
    "ListedUser": ".listed_user",
    "Liveness": ".liveness",
    "LlmPurpose": ".llm_purpose",
    "LlmTimes": ".llm_times",
    "LlmUsage": ".llm_usage",
    "MatchType": ".match_type",
    "Memory": ".memory",
    "MemoryForm": ".memory_form",
    "MemoryHistory": ".memory_history",
    "MemoryKind": ".memory_kind",
    "MemoryLayer": ".memory_layer",
    "MemoryLink": ".memory_link",
    "MemoryLinkPage": ".memory_link_page",
    "MemoryLinkType": ".memory_link_type",
    "MemoryOperation": ".memory_operation",
    "MemoryOrigin": ".memory_origin",
    "MemoryPage": ".memory_page",
    "MemorySnapshot": ".memory_snapshot",
    "MemorySource": ".memory_source",
    "MemorySourceList": ".memory_source_list",
    "MemoryStatus": ".memory_status",
    "MemoryTag": ".memory_tag",
    "MemoryVersion": ".memory_version",
    "MergeEntities": ".merge_entities",
    "MetadataFilter": ".metadata_filter",
    "MetadataOperator": ".metadata_operator",
    "NamespaceMatch": ".namespace_match",
    "NearTurn": ".near_turn",
    "NoAnswerReason": ".no_answer_reason",
    "OrderAnswer": ".order_answer",
    "OrderComparison": ".order_comparison",
    "OrderEvidence": ".order_evidence",
    "PlanForgetting": ".plan_forgetting",
    "Problem": ".problem",
    "ProblemCode": ".problem_code",
    "ProcedureStep": ".procedure_step",
    "PromptContext": ".prompt_context",
    "PutArtifact": ".put_artifact",
    "PutSessionState": ".put_session_state",
    "PutStoreItem": ".put_store_item",
    "Ranker": ".ranker",
    "RankerChange": ".ranker_change",
    "RankerTraining": ".ranker_training",
    "RankerVersion": ".ranker_version",
    "Readiness": ".readiness",
    "ReadinessStatus": ".readiness_status",
    "ReembedAction": ".reembed_action",
    "ReembedRun": ".reembed_run",
    "ReembedState": ".reembed_state",
    "ReembedStatus": ".reembed_status",
    "ReferenceType": ".reference_type",
    "Reliance": ".reliance",
    "ResolveConflict": ".resolve_conflict",
    "ResolvedConflict": ".resolved_conflict",
    "RollbackResult": ".rollback_result",
    "RunStoreOperations": ".run_store_operations",
    "SearchBatchEntry": ".search_batch_entry",
    "SearchBatchResults": ".search_batch_results",
    "SearchExcerpt": ".search_excerpt",
    "SearchFilters": ".search_filters",
    "SearchItem": ".search_item",
    "SearchKind": ".search_kind",
    "SearchMemory": ".search_memory",
    "SearchMemoryBatch": ".search_memory_batch",
    "SearchResults": ".search_results",
    "SearchStoreItems": ".search_store_items",
    "SendFeedback": ".send_feedback",
    "SessionErasure": ".session_erasure",
    "SessionGoal": ".session_goal",
    "SessionPage": ".session_page",
    "SessionState": ".session_state",
    "SessionStateVersion": ".session_state_version",
    "SlotPeriod": ".slot_period",
    "Snapshot": ".snapshot",
    "SnapshotPage": ".snapshot_page",
    "SplitEntity": ".split_entity",
    "StartReembed": ".start_reembed",
    "StoreResult": ".store_result",
    "StoreResults": ".store_results",
    "StoredItem": ".stored_item",
    "TagPage": ".tag_page",
    "TextSpan": ".text_span",
    "TimelineItem": ".timeline_item",
    "TimelinePage": ".timeline_page",
    "ToolCall": ".tool_call",
    "ToolCallType": ".tool_call_type",
    "Turn": ".turn",
    "TurnInput": ".turn_input",
    "TurnInputContentType1Item": ".turn_input_content_type_1_item",
    "TurnInputContentType1ItemType": ".turn_input_content_type_1_item_type",
    "TurnOutcome": ".turn_outcome",
    "TurnPage": ".turn_page",
    "TurnRole": ".turn_role",
    "TurnState": ".turn_state",
    "UpdateMemory": ".update_memory",
    "UsageDay": ".usage_day",
    "UsageReport": ".usage_report",
    "UserPage": ".user_page",
    "Volatility": ".volatility",
    "WorkingSet": ".working_set",
    "WorkingSlot": ".working_slot",
}

__all__ = (
    "AbstainReason",
    "AcceptedTurns",
    "AddTurns",
    "AnswerClaim",
    "AnswerQuestion",
    "ApiKey",
    "ApiKeyList",
    "Artifact",
    "ArtifactPage",
    "ArtifactReference",
    "ArtifactType",
    "ArtifactVersion",
    "ArtifactVersionPage",
    "BuildContext",
    "CalledFunction",
    "CalledTool",
    "Caller",
    "ChangeReason",
    "CitedAnswer",
    "Conflict",
    "ConflictPage",
    "ConflictSide",
    "ContextFilters",
    "ContextFormat",
    "CopiedFrom",
    "CopiedMemories",
    "CopiedMemory",
    "CopyMemories",
    "CopyResult",
    "CreatedApiKey",
    "CreateGrant",
    "CreateKey",
    "CreateMemory",
    "CreateSnapshot",
    "DatedBy",
    "DeleteStoreItem",
    "DependentMemory",
    "DependentMemoryPage",
    "DerivedMemory",
    "DerivedMemorySource",
    "EmbeddingModel",
    "EmbeddingSource",
    "Entity",
    "EntityNeighbour",
    "EntityNeighbourPage",
    "EntityPage",
    "EntityType",
    "ErasedPart",
    "Erasure",
    "ErasurePage",
    "ErasurePart",
    "ErasureReceipt",
    "ErasureSubject",
    "Feedback",
    "FieldError",
    "ForgettingAction",
    "ForgettingPlan",
    "ForgottenItem",
    "GeoCircle",
    "GeoPlace",
    "GeoPlaceInput",
    "GetStoreItem",
    "GoalStatus",
    "Grant",
    "GrantPage",
    "GrantRight",
    "HealthCheck",
    "ImportedBundle",
    "ItemText",
    "ItemType",
    "ItemVector",
    "Job",
    "JobCount",
    "JobDetail",
    "JobPage",
    "JobProgress",
    "JobStage",
    "JobStatus",
    "KeyScope",
    "LinkDirection",
    "ListedSession",
    "ListedUser",
    "ListStoreNamespaces",
    "ListTurnsOrder",
    "Liveness",
    "LlmPurpose",
    "LlmTimes",
    "LlmUsage",
    "MatchType",
    "Memory",
    "MemoryForm",
    "MemoryHistory",
    "MemoryKind",
    "MemoryLayer",
    "MemoryLink",
    "MemoryLinkPage",
    "MemoryLinkType",
    "MemoryOperation",
    "MemoryOrigin",
    "MemoryPage",
    "MemorySnapshot",
    "MemorySource",
    "MemorySourceList",
    "MemoryStatus",
    "MemoryTag",
    "MemoryVersion",
    "MergeEntities",
    "MetadataFilter",
    "MetadataOperator",
    "NamespaceMatch",
    "NearTurn",
    "NoAnswerReason",
    "OrderAnswer",
    "OrderComparison",
    "OrderEvidence",
    "PlanForgetting",
    "Problem",
    "ProblemCode",
    "ProcedureStep",
    "PromptContext",
    "PutArtifact",
    "PutSessionState",
    "PutStoreItem",
    "Ranker",
    "RankerChange",
    "RankerTraining",
    "RankerVersion",
    "Readiness",
    "ReadinessStatus",
    "ReembedAction",
    "ReembedRun",
    "ReembedState",
    "ReembedStatus",
    "ReferenceType",
    "Reliance",
    "ResolveConflict",
    "ResolvedConflict",
    "RollbackResult",
    "RunStoreOperations",
    "SearchBatchEntry",
    "SearchBatchResults",
    "SearchExcerpt",
    "SearchFilters",
    "SearchItem",
    "SearchKind",
    "SearchMemory",
    "SearchMemoryBatch",
    "SearchResults",
    "SearchStoreItems",
    "SendFeedback",
    "SessionErasure",
    "SessionGoal",
    "SessionPage",
    "SessionState",
    "SessionStateVersion",
    "SlotPeriod",
    "Snapshot",
    "SnapshotPage",
    "SplitEntity",
    "StartReembed",
    "StoredItem",
    "StoreResult",
    "StoreResults",
    "TagPage",
    "TextSpan",
    "TimelineItem",
    "TimelinePage",
    "ToolCall",
    "ToolCallType",
    "Turn",
    "TurnInput",
    "TurnInputContentType1Item",
    "TurnInputContentType1ItemType",
    "TurnOutcome",
    "TurnPage",
    "TurnRole",
    "TurnState",
    "UpdateMemory",
    "UsageDay",
    "UsageReport",
    "UserPage",
    "Volatility",
    "WorkingSet",
    "WorkingSlot",
)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)
