"""`memcubed reembed`: change the embedding model, as the operator."""

from typing import Any

from rich.console import Console

from app.cli.environment import admin_principal, load_settings
from app.cli.progress import show_progress
from app.core.logs import configure_logging
from app.core.vocabulary import DEFAULT_TENANT, ReembedStatus
from app.resources import open_resources
from app.schemas.models.reembedding import StartReembed
from app.services.models import reembedding


def change_model(model: dict[str, Any], out: Console, *, drop: bool, cancel: bool, wait: bool) -> bool:
    """Start, cancel or show a run, and return whether the run that is shown did not fail.

    `model` has the fields of `ReembedIn` that name a model; no run is started when all are None.
    """
    settings = load_settings()
    configure_logging("error")
    with open_resources(settings, embedding_threads=2) as resources:
        operator = admin_principal(DEFAULT_TENANT)
        if cancel:
            reembedding.cancel_reembedding(resources, operator)
        elif any(value is not None for value in model.values()):
            request = StartReembed.model_validate(model | {"drop_old": drop})
            reembedding.start_reembedding(resources, operator, request)
        elif drop:
            reembedding.drop_old_vectors(resources, operator)
        else:
            wait = False
        state = show_progress(lambda: reembedding.get_reembedding_state(resources, operator), out, wait=wait)
    return state.run is None or state.run.status != ReembedStatus.FAILED
