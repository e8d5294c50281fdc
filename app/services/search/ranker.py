"""The ranker of a tenant: the weights of its searches, trained on its feedback, promoted and reset."""

from dataclasses import asdict

import structlog
from sqlalchemy.orm import Session

from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db import models
from app.db.repositories.search import feedback
from app.memory.ranking import training
from app.memory.ranking.weights import RankingWeights
from app.resources import Resources
from app.schemas.search.feedback import RankerOut, RankerTraining, RankerVersion

log = structlog.get_logger(__name__)
MIN_NEW_FEEDBACK = 20  # feedback rows since the last training
MAX_TRAINING_EVENTS = 2_000
SHOWN_VERSIONS = 20


def get_weights(resources: Resources, principal: Principal, version: int) -> RankingWeights:
    """Return the weights of a version of the tenant's ranker.

    The weights of a version never change, so the process caches those of the last version of each tenant.
    """
    if version == 0:
        return RankingWeights()
    cached = resources.rankers.get(principal.tenant_id)
    if cached is not None and cached[0] == version:
        return cached[1]
    with resources.open_transaction(principal) as session:
        weights = training.weights_from_mapping(
            feedback.get_ranker_weights(session, principal.tenant_id, version)
        )
    resources.rankers[principal.tenant_id] = (version, weights)
    return weights


def get_active_version(resources: Resources, principal: Principal) -> int:
    """Return the version of the tenant's ranker that is in use; 0 is the built-in one."""
    with resources.open_transaction(principal) as session:
        head = feedback.get_ranker(session, principal.tenant_id)
    return head.version if head is not None else 0


def train_ranker(resources: Resources, tenant_id: str) -> None:
    """Train the tenant's ranker once `MIN_NEW_FEEDBACK` rows are new; promote it only if it ranks better."""
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
        result = training.train_weights(
            training.weights_from_mapping(stored), [_to_training_event(row) for row in rows]
        )
        report = RankerTraining(
            at=resources.now(),
            learned_from=result.learned_from,
            held_out=result.held_out,
            useful_before=result.useful_before,
            useful_after=result.useful_after,
            promoted=result.better,
        )
        columns = {"trained_at": rows[-1].at, "training": report.model_dump(mode="json")}
        feedback.update_ranker(session, tenant_id, columns)
        if result.better:
            _promote_weights(resources, session, head, "learned", result.weights, report)
    log.info("ranker_trained", promoted=result.better, events=result.learned_from + result.held_out)


def get_ranker(resources: Resources, principal: Principal) -> RankerOut:
    """Return the tenant's ranker and its newest versions. Raises `Forbidden`."""
    principal.require_scope(KeyScope.ADMIN)
    tenant_id = principal.tenant_id
    with resources.open_transaction(principal) as session:
        head = feedback.get_ranker(session, tenant_id)
        versions = feedback.list_ranker_versions(session, tenant_id, SHOWN_VERSIONS)
        version = head.version if head is not None else 0
        stored = feedback.get_ranker_weights(session, tenant_id, version)
        count = feedback.count_feedback(session, tenant_id, since=head.reset_at if head is not None else None)
    last_training = head.training if head is not None else None
    return RankerOut(
        version=version,
        weights=asdict(training.weights_from_mapping(stored)),
        feedback=count,
        training=RankerTraining.model_validate(last_training) if last_training is not None else None,
        versions=[_to_ranker_version(row) for row in versions],
    )


def reset_ranker(resources: Resources, principal: Principal) -> RankerOut:
    """Go back to the built-in weights as a new version, and exclude older feedback from training.

    Raises `Forbidden`.
    """
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
    weights: RankingWeights,
    report: RankerTraining | None,
) -> None:
    new = models.RankerVersion(
        tenant_id=head.tenant_id,
        version=head.version + 1,
        reason=reason,
        weights=asdict(weights),
        training=report.model_dump(mode="json") if report is not None else None,
        at=resources.now(),
    )
    feedback.insert_ranker_version(session, new)
    feedback.update_ranker(session, head.tenant_id, {"version": new.version})


def _to_ranker_version(row: models.RankerVersion) -> RankerVersion:
    return RankerVersion(**{name: getattr(row, name) for name in RankerVersion.model_fields})


def _to_training_event(row: models.Feedback) -> training.FeedbackEvent:
    used = {str(item_id) for item_id in row.cited_ids}
    ranked = [(item["features"], item["id"] in used) for item in row.shown if item["features"] is not None]
    return training.build_feedback_event(ranked)
