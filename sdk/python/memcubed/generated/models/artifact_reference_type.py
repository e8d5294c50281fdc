from __future__ import annotations

from typing import Literal, cast

ArtifactReferenceType = Literal["activation", "parametric"]

ARTIFACT_REFERENCE_TYPE_VALUES: set[ArtifactReferenceType] = {
    "activation",
    "parametric",
}


def check_artifact_reference_type(value: str) -> ArtifactReferenceType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ArtifactReferenceType", value)
