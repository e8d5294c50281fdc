"""Enumerations shared by the API, the code, the tables and the documentation."""

from enum import StrEnum

DEFAULT_TENANT = "default"  # the operator's tenant, which always exists


class Role(StrEnum):
    """Who spoke a turn."""

    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    SYSTEM = "system"
    DEVELOPER = "developer"

    @property
    def is_instruction(self) -> bool:
        """Whether such a turn tells the model what to do: nothing is extracted from it."""
        return self in {Role.SYSTEM, Role.DEVELOPER}


class Kind(StrEnum):
    """What a memory is about."""

    FACT = "fact"
    PREFERENCE = "preference"
    EVENT = "event"
    SUMMARY = "summary"
    PORTRAIT = "portrait"
    INSIGHT = "insight"
    PROCEDURE = "procedure"
    EXAMPLE = "example"
    ARTIFACT = "artifact"


class SearchKind(StrEnum):
    """What a search may bring: memories of a kind, or turns."""

    FACT = "fact"
    PREFERENCE = "preference"
    EVENT = "event"
    SUMMARY = "summary"
    PORTRAIT = "portrait"
    INSIGHT = "insight"
    PROCEDURE = "procedure"
    EXAMPLE = "example"
    ARTIFACT = "artifact"
    TURN = "turn"


class Form(StrEnum):
    """`state` is true until replaced; `event` happened and is never replaced."""

    STATE = "state"
    EVENT = "event"


class Status(StrEnum):
    """Where a memory is in its life. `superseded` = no longer true; `archived` = true but cold."""

    GENERATED = "generated"
    ACTIVATED = "activated"
    MERGED = "merged"
    SUPERSEDED = "superseded"
    ARCHIVED = "archived"
    EXPIRED = "expired"


class Origin(StrEnum):
    """Whose word an assertion is; by authority: edit, user, tool, assistant, copy, inference."""

    EDIT = "edit"
    USER = "user"
    TOOL = "tool"
    ASSISTANT = "assistant"
    COPY = "copy"
    INFERENCE = "inference"


class Layer(StrEnum):
    """How slowly a memory fades."""

    WORKING = "working"
    SHORT = "short"
    MID = "mid"
    LONG = "long"


class Volatility(StrEnum):
    """How easily a memory stops being true; `disputable` = another one contradicts it."""

    STATIC = "static"
    TEMPORAL = "temporal"
    DISPUTABLE = "disputable"


class Reliance(StrEnum):
    """What a caller should do with a memory."""

    PREFER_MEMORY = "prefer_memory"
    VERIFY = "verify"
    ASK_USER = "ask_user"


class LinkType(StrEnum):
    """The typed edges between memories."""

    SUPERSEDES = "supersedes"
    CONTRADICTS = "contradicts"
    MERGED_INTO = "merged_into"
    DERIVED_FROM = "derived_from"
    RELATES = "relates"


class Op(StrEnum):
    """What a version did to a memory; `other` stands for another word that an upgrade found."""

    ADD = "add"
    ASSERT = "assert"
    DENY = "deny"
    REFINE = "refine"
    ENRICH = "enrich"
    CONTRADICT = "contradict"
    SUPERSEDE = "supersede"
    FOLD = "fold"
    MERGE = "merge"
    EDIT = "edit"
    DELETE = "delete"
    ERASE = "erase"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    PIN = "pin"
    UNPIN = "unpin"
    ARCHIVE = "archive"
    RESTORE = "restore"
    KEEP = "keep"
    RESOLVE = "resolve"
    DISMISS = "dismiss"
    DERIVE = "derive"
    STALE = "stale"
    SETTLE = "settle"
    RETAG = "retag"
    ROLLBACK = "rollback"
    OTHER = "other"


class ChangeKind(StrEnum):
    """How a statement changes an earlier one; a statement without a change only adds."""

    REPLACE = "replace"
    END = "end"
    CORRECT = "correct"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    CONFIRM = "confirm"


class Frame(StrEnum):
    """How a speaker puts a sentence forward; only asserted, planned and ended ones are the speaker's word."""

    ASSERTED = "asserted"
    PLANNED = "planned"
    ENDED = "ended"
    REPORTED = "reported"
    HYPOTHETICAL = "hypothetical"
    QUESTION = "question"
    WISH = "wish"
    TAKEN_BACK = "taken_back"
    MATERIAL = "material"


class ActorKind(StrEnum):
    """Who made a version: a key, a stage of the pipeline, or `other`, whom an upgrade found."""

    KEY = "key"
    EXTRACTOR = "extractor"
    CONSOLIDATOR = "consolidator"
    FORGETTING = "forgetting"
    OTHER = "other"


class EntityType(StrEnum):
    """What an entity is, as far as its relations tell."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    ANIMAL = "animal"


class AliasSource(StrEnum):
    """Who says that two names mean the same: a rule, the name that a speaker's turns carry, or a client."""

    RULE = "rule"
    SPEAKER = "speaker"
    CLIENT = "client"


class Basis(StrEnum):
    """What a derived memory is about: a session, a day, a cluster of related memories, a topic, the user."""

    SESSION = "session"
    DAY = "day"
    CLUSTER = "cluster"
    TOPIC = "topic"
    USER = "user"


class JobStatus(StrEnum):
    """Where a job is; succeeded, failed and dead are end states."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DEAD = "dead"


class Reembed(StrEnum):
    """What a run over the stored vectors does."""

    FILL = "fill"
    DROP = "drop"


class ReembedStatus(StrEnum):
    """Where such a run is; succeeded, failed and cancelled are end states."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """The part of the pipeline that a job waits for; each has its own Celery queue."""

    INGEST = "ingest"
    EXTRACT = "extract"
    CONSOLIDATE = "consolidate"


class TurnState(StrEnum):
    """What became of a turn."""

    STORED = "stored"
    EXTRACTED = "extracted"
    NOTHING = "nothing"
    FAILED = "failed"


class GoalStatus(StrEnum):
    """What became of a goal of a session."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Order(StrEnum):
    """Which came first; `same` = at one stated date, `indeterminate` = the dates do not say."""

    FIRST = "first"
    SECOND = "second"
    SAME = "same"
    INDETERMINATE = "indeterminate"


class ItemType(StrEnum):
    """What an item of an answer is."""

    TURN = "turn"
    MEMORY = "memory"


class AbstainReason(StrEnum):
    """Why the items of a search do not answer the question."""

    NO_MATCH = "no_match"
    OUT_OF_RANGE = "out_of_range"
    ONLY_SUPERSEDED = "only_superseded"
    CONFLICT = "conflict"


class NoAnswerReason(StrEnum):
    """Why a question is not answered: as a search abstains, or because of what the model wrote."""

    NO_MATCH = "no_match"
    OUT_OF_RANGE = "out_of_range"
    ONLY_SUPERSEDED = "only_superseded"
    CONFLICT = "conflict"
    NOT_IN_EVIDENCE = "not_in_evidence"
    UNCITED = "uncited"


class Right(StrEnum):
    """What a grant lets its grantee do with the memories; `copy` includes `read`."""

    READ = "read"
    COPY = "copy"


class CopyResult(StrEnum):
    """What became of a memory that was copied: a new one, one that was there, or one that is disputed."""

    CREATED = "created"
    SAME = "same"
    CONFLICT = "conflict"


class KeyScope(StrEnum):
    """What a key may do; each includes the ones before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class ArtifactType(StrEnum):
    """What the content of an artifact is: a text, a JSON document, or a reference of that type."""

    TEXT = "text"
    JSON = "json"
    ACTIVATION = "activation"
    PARAMETRIC = "parametric"


class ReferenceType(StrEnum):
    """What a serving engine holds: a KV cache, or weights such as a LoRA."""

    ACTIVATION = "activation"
    PARAMETRIC = "parametric"


class ContextFormat(StrEnum):
    """How the block for the prompt is written."""

    MARKDOWN = "markdown"
    XML = "xml"
    JSON = "json"


class DatedBy(StrEnum):
    """How it is known when something was: `event` = the date was stated, `log` = it was said then."""

    EVENT = "event"
    LOG = "log"


class ForgettingAction(StrEnum):
    """`archive` = out of the default search, restorable; `expire` = the text is deleted."""

    ARCHIVE = "archive"
    EXPIRE = "expire"


class LinkDirection(StrEnum):
    """Seen from the one asked about: `out` = from it to the other, `in` = the other way round."""

    OUT = "out"
    IN = "in"


class MetadataOperator(StrEnum):
    """How a value of the metadata is compared; `nin` = not in."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NIN = "nin"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CONTAINS = "contains"
    EXISTS = "exists"


class RankerChange(StrEnum):
    """Why there is a new version of the weights."""

    LEARNED = "learned"
    RESET = "reset"


class ReadinessStatus(StrEnum):
    """`degraded` = requests are answered, but something is slower or waits."""

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


class EmbeddingSource(StrEnum):
    """Where the embedding model runs."""

    LOCAL = "local"
    FASTEMBED = "fastembed"
    HTTP = "http"


class ProblemCode(StrEnum):
    """What went wrong, for programs; `detail` says it to people."""

    BAD_REQUEST = "bad_request"
    MALFORMED_JSON = "malformed_json"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    REQUEST_TIMEOUT = "request_timeout"
    CONFLICT = "conflict"
    PRECONDITION_FAILED = "precondition_failed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    INVALID_INPUT = "invalid_input"
    PRECONDITION_REQUIRED = "precondition_required"
    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL = "internal"
    UPSTREAM_FAILED = "upstream_failed"
    UNAVAILABLE = "unavailable"


class LlmPurpose(StrEnum):
    """What an LLM was asked for; `chat` = a chat that the proxy forwarded."""

    EXTRACTION = "extraction"
    JUDGEMENT = "judgement"
    DERIVATION = "derivation"
    ANSWER = "answer"
    CHAT = "chat"
