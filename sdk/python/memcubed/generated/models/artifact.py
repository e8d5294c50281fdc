from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.artifact_type import ArtifactType, check_artifact_type

if TYPE_CHECKING:
    from ..models.artifact_reference import ArtifactReference


T = TypeVar("T", bound="Artifact")


@_attrs_define
class Artifact:
    """An artifact at one version."""

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
    user_id: str
    """ The user whose memory it is """
    newest: int
    """ The newest version of this artifact """
    content: Any
    """ As it was put; None for a reference """
    reference: ArtifactReference | None
    """ A payload that a serving engine holds, in place of content """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.artifact_reference import ArtifactReference  # noqa: PLC0415

        path = self.path

        version = self.version

        type_: str = self.type_

        checksum = self.checksum

        bytes_ = self.bytes_

        metadata = self.metadata

        actor = self.actor

        at = self.at.isoformat()

        user_id = self.user_id

        newest = self.newest

        content = self.content

        reference: dict[str, Any] | None
        if isinstance(self.reference, ArtifactReference):
            reference = self.reference.to_dict()
        else:
            reference = self.reference

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
                "user_id": user_id,
                "newest": newest,
                "content": content,
                "reference": reference,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.artifact_reference import ArtifactReference  # noqa: PLC0415

        d = dict(src_dict)
        path = d.pop("path")

        version = d.pop("version")

        type_ = check_artifact_type(d.pop("type"))

        checksum = d.pop("checksum")

        bytes_ = d.pop("bytes")

        metadata = d.pop("metadata")

        actor = d.pop("actor")

        at = datetime.datetime.fromisoformat(d.pop("at").replace("Z", "+00:00"))

        user_id = d.pop("user_id")

        newest = d.pop("newest")

        content = d.pop("content")

        def _parse_reference(data: object) -> ArtifactReference | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reference_type_0 = ArtifactReference.from_dict(data)

                return reference_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ArtifactReference | None", data)

        reference = _parse_reference(d.pop("reference"))

        made = cls(
            path=path,
            version=version,
            type_=type_,
            checksum=checksum,
            bytes_=bytes_,
            metadata=metadata,
            actor=actor,
            at=at,
            user_id=user_id,
            newest=newest,
            content=content,
            reference=reference,
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
