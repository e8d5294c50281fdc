"""A tenant's ranker: which weights a search takes, and how they are learned from feedback and reset."""

from dataclasses import asdict
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db import models
from app.db.repositories.search import feedback
from app.memory.ranking import training as learning
from app.memory.ranking.weights import RankingWeights
from app.resources import Resources
from app.schemas.feedback import RankerOut, RankerVersion, Training

log = structlog.get_logger(__name__)
MIN_NEW_FEEDBACK = 20
MAX_TRAINING_EVENTS = 2_000
SHOWN_VERSIONS = 20


def get_weights(resources: Resources, principal: Principal, version: int) -> RankingWeights:
    """The weights of a version of the tenant's ranker; they never change, so the last ones are held."""
    if version == 0:
        return RankingWeights()
    held = resources.rankers.get(principal.tenant_id)
    if held is not None and held[0] == version:
        return held[1]
    with resources.open_transaction(principal) as session:
        found = learning.weights_from_mapping(
            feedback.get_ranker_weights(session, principal.tenant_id, version)
        )
    resources.rankers[principal.tenant_id] = (version, found)
    return found


def get_active_version(resources: Resources, principal: Principal) -> int:
    """The version that is in use."""
    with resources.open_transaction(principal) as session:
        head = feedback.get_ranker(session, principal.tenant_id)
    return head.version if head is not None else 0


def train_ranker(resources: Resources, tenant_id: str) -> None:
    """Learn from the tenant's feedback once `BATCH` is new; what is learned is used only if it is better."""
    principal = Principal(tenant_id)
    with resources.open_transaction(principal) as session:
        head = feedback.lock_ranker(session, tenant_id)
        seen = max((at for at in (head.trained_at, head.reset_at) if at is not None), default=None)
        if feedback.count_feedback(session, tenant_id, since=seen) < MIN_NEW_FEEDBACK:
            return
        rows = feedback.list_newest_feedback(
            session, tenant_id, since=head.reset_at, limit=MAX_TRAINING_EVENTS
        )
        stored = feedback.get_ranker_weights(session, tenant_id, head.version)
        found = learning.train_weights(
            learning.weights_from_mapping(stored), [_to_training_event(row) for row in rows]
        )
        training = {
            "at": resources.now().isoformat(),
            "learned_from": found.learned_from,
            "held_out": found.held_out,
            "useful_before": found.useful_before,
            "useful_after": found.useful_after,
            "promoted": found.better,
        }
        feedback.update_ranker(session, tenant_id, {"trained_at": rows[-1].at, "training": training})
        if found.better:
            _promote_weights(resources, session, head, "learned", found.weights, training)
    log.info("ranker_trained", promoted=found.better, events=found.learned_from + found.held_out)


def get_ranker(resources: Resources, principal: Principal) -> RankerOut:
    """The tenant's ranker and its last versions."""
    principal.require_scope(KeyScope.ADMIN)
    tenant_id = principal.tenant_id
    with resources.open_transaction(principal) as session:
        head = feedback.get_ranker(session, tenant_id)
        versions = feedback.list_ranker_versions(session, tenant_id, SHOWN_VERSIONS)
        version = head.version if head is not None else 0
        stored = feedback.get_ranker_weights(session, tenant_id, version)
        count = feedback.count_feedback(session, tenant_id, since=head.reset_at if head is not None else None)
    training = head.training if head is not None else None
    return RankerOut(
        version=version,
        weights=asdict(learning.weights_from_mapping(stored)),
        feedback=count,
        training=Training.model_validate(training) if training is not None else None,
        versions=[_to_ranker_version(row) for row in versions],
    )


def reset_ranker(resources: Resources, principal: Principal) -> RankerOut:
    """Go back to the built-in weights, as a new version; older feedback is not learned from any more."""
    principal.require_scope(KeyScope.ADMIN)
    with resources.open_transaction(principal) as session:
        head = feedback.lock_ranker(session, principal.tenant_id)
        values = {"reset_at": resources.now(), "trained_at": None, "training": None}
        feedback.update_ranker(session, principal.tenant_id, values)
        _promote_weights(resources, session, head, "reset", RankingWeights(), None)
    return get_ranker(resources, principal)


def _promote_weights(
    resources: Resources,
    session: Session,
    head: models.Ranker,
    reason: str,
    found: RankingWeights,
    training: dict[str, Any] | None,
) -> None:
    version = head.version + 1
    row = {"tenant_id": head.tenant_id, "version": version, "reason": reason, "weights": asdict(found)}
    feedback.insert_ranker_version(session, row | {"training": training, "at": resources.now()})
    feedback.update_ranker(session, head.tenant_id, {"version": version})


def _to_ranker_version(row: models.RankerVersion) -> RankerVersion:
    return RankerVersion(**{name: getattr(row, name) for name in RankerVersion.model_fields})


def _to_training_event(row: models.Feedback) -> learning.FeedbackEvent:
    used = {str(item_id) for item_id in row.cited_ids}
    ranked = [(one["features"], one["id"] in used) for one in row.shown if one["features"] is not None]
    return learning.build_feedback_event(ranked)
