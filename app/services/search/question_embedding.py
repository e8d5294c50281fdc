"""What a question is embedded as, and its vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from app.core.errors import UpstreamFailed
from app.core.telemetry import SEARCH_SECONDS
from app.llm.embedders import EmbeddersInUse
from app.llm.embeddings import RELEVANCE_SCALES, SPACED_SCRIPTS_ONLY, SPEAKER_RELEVANCE_SCALES
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.asked_speaker import put_as_speaker
from app.memory.ranking.weights import RelevanceScale
from app.memory.text.analysis import is_unspaced
from app.services.platform.user_context import UserContext

log = structlog.get_logger(__name__)


class EmbeddedQuestion(NamedTuple):
    """A question's vector (d,), None without one, and how its cosines tell relevance, None if unknown."""

    vector: FloatArray | None
    relevance_scale: RelevanceScale | None


@dataclass(frozen=True, slots=True)
class QuestionText:
    """A question, and what its session adds to it."""

    question: str
    context_text: str = ""

    def to_embed(self, speakers: Sequence[str]) -> str:
        """The text by which it is embedded: a question about a speaker as that speaker would put it."""
        return self._with_context(put_as_speaker(self.question, speakers))

    def embed_as(self, in_use: EmbeddersInUse, to_embed: str) -> EmbeddedQuestion:
        """The question by the vector of the text that `to_embed` returned."""
        is_as_written = to_embed == self._with_context(self.question)
        scales = RELEVANCE_SCALES if is_as_written else SPEAKER_RELEVANCE_SCALES
        return EmbeddedQuestion(_try_embed(in_use, to_embed), scales.get(in_use.active.model_id))

    def _with_context(self, question: str) -> str:
        return f"{question} {self.context_text}".rstrip()


def get_cached_index(ctx: UserContext, in_use: EmbeddersInUse) -> UserIndex:
    """The user's index in this process for the embedding model in use, as it is; empty if there was none."""
    model = in_use.active
    return ctx.resources.index_cache.get_index(ctx.tenant_id, ctx.user_id, model.model_id, model.dimensions)


def _try_embed(in_use: EmbeddersInUse, text: str) -> FloatArray | None:
    """The vector of a question (d,), or None when the embedding model can't be reached or can't read it."""
    model = in_use.active
    if model.model_id in SPACED_SCRIPTS_ONLY and is_unspaced(text):
        return None
    try:
        with SEARCH_SECONDS.labels("embed").time():
            return model.embed_query(text)
    except UpstreamFailed as failure:
        # The search goes on by words alone: an outage of the embedder must not take search down.
        log.warning("query_not_embedded", error=failure.code)
        return None
