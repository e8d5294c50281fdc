from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.reference_type import ReferenceType, check_reference_type

T = TypeVar("T", bound="ArtifactReference")


@_attrs_define
class ArtifactReference:
    """A payload that a serving engine holds, not this service: kept as it is and never fetched."""

    type_: ReferenceType
    """ What a serving engine holds: a KV cache, or weights such as a LoRA. """
    uri: str
    """ Where the engine finds it; never fetched by this service """
    model: str
    """ The model that the payload belongs to """
    checksum: str
    """ Of the payload, e.g. `sha256:…` """

    def to_dict(self) -> dict[str, Any]:
        type_: str = self.type_

        uri = self.uri

        model = self.model

        checksum = self.checksum

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
                "uri": uri,
                "model": model,
                "checksum": checksum,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = check_reference_type(d.pop("type"))

        uri = d.pop("uri")

        model = d.pop("model")

        checksum = d.pop("checksum")

        made = cls(
            type_=type_,
            uri=uri,
            model=model,
            checksum=checksum,
        )

        return made
