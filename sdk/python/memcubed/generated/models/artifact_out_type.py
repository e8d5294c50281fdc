from __future__ import annotations

from typing import Literal, cast

ArtifactOutType = Literal["activation", "json", "parametric", "text"]

ARTIFACT_OUT_TYPE_VALUES: set[ArtifactOutType] = {
    "activation",
    "json",
    "parametric",
    "text",
}


def check_artifact_out_type(value: str) -> ArtifactOutType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ArtifactOutType", value)
