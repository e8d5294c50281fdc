from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.artifact_type import ArtifactType, check_artifact_type

T = TypeVar("T", bound="ArtifactVersion")


@_attrs_define
class ArtifactVersion:
    """What is known of one version, without its content."""

    path: str
    """ The path of the artifact """
    version: int
    """ The version, to be sent as If-Match with a change """
    type_: ArtifactType
    """ What the content of an artifact is: a text, a JSON document, or a reference of that type. """
    checksum: str
    """ `sha256:` of the text, of compact JSON in UTF-8, or of the reference as such JSON """
    bytes_: int
    """ The size of the content in bytes """
    metadata: Any
    """ The client's own, any JSON object up to 16 KiB """
    actor: str
    """ Who did it: `key:<id>` or a stage of the pipeline """
    at: datetime.datetime
    """ ISO 8601 with zone """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        version = self.version

        type_: str = self.type_

        checksum = self.checksum

        bytes_ = self.bytes_

        metadata = self.metadata

        actor = self.actor

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "path": path,
                "version": version,
                "type": type_,
                "checksum": checksum,
                "bytes": bytes_,
                "metadata": metadata,
                "actor": actor,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        path = d.pop("path")

        version = d.pop("version")

        type_ = check_artifact_type(d.pop("type"))

        checksum = d.pop("checksum")

        bytes_ = d.pop("bytes")

        metadata = d.pop("metadata")

        actor = d.pop("actor")

        at = datetime.datetime.fromisoformat(d.pop("at").replace("Z", "+00:00"))

        made = cls(
            path=path,
            version=version,
            type_=type_,
            checksum=checksum,
            bytes_=bytes_,
            metadata=metadata,
            actor=actor,
            at=at,
        )

        made.additional_properties = d
        return made

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
