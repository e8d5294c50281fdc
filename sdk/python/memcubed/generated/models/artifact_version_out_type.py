from __future__ import annotations

from typing import Literal, cast

ArtifactVersionOutType = Literal["activation", "json", "parametric", "text"]

ARTIFACT_VERSION_OUT_TYPE_VALUES: set[ArtifactVersionOutType] = {
    "activation",
    "json",
    "parametric",
    "text",
}


def check_artifact_version_out_type(value: str) -> ArtifactVersionOutType:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ArtifactVersionOutType", value)
