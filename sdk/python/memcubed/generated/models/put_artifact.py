from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.artifact_reference import ArtifactReference


T = TypeVar("T", bound="PutArtifact")


@_attrs_define
class PutArtifact:
    """A new version: a text, a JSON document or a reference."""

    user_id: str
    """ The user whose memory it is """
    content: Any | Unset = UNSET
    """ A text, a JSON object or a list. A procedure is an object with a list of `steps` """
    reference: ArtifactReference | None | Unset = UNSET
    """ A payload that a serving engine holds, in place of content """
    metadata: Any | Unset = UNSET
    """ The client's own, any JSON object up to 16 KiB """

    def to_dict(self) -> dict[str, Any]:
        from ..models.artifact_reference import ArtifactReference  # noqa: PLC0415

        user_id = self.user_id

        content = self.content

        reference: dict[str, Any] | None | Unset
        if isinstance(self.reference, Unset):
            reference = UNSET
        elif isinstance(self.reference, ArtifactReference):
            reference = self.reference.to_dict()
        else:
            reference = self.reference

        metadata = self.metadata

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
            }
        )
        if content is not UNSET:
            field_dict["content"] = content
        if reference is not UNSET:
            field_dict["reference"] = reference
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.artifact_reference import ArtifactReference  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        content = d.pop("content", UNSET)

        def _parse_reference(data: object) -> ArtifactReference | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                reference_type_0 = ArtifactReference.from_dict(data)

                return reference_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("ArtifactReference | None | Unset", data)

        reference = _parse_reference(d.pop("reference", UNSET))

        metadata = d.pop("metadata", UNSET)

        made = cls(
            user_id=user_id,
            content=content,
            reference=reference,
            metadata=metadata,
        )

        return made
