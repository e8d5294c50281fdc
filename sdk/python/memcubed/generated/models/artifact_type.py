from __future__ import annotations

from typing import Literal, cast

ArtifactType = Literal["activation", "json", "parametric", "text"]

ARTIFACT_TYPE_VALUES: set[ArtifactType] = {
    "activation",
    "json",
    "parametric",
    "text",
}


def check_artifact_type(value: str) -> ArtifactType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ArtifactType", value)
