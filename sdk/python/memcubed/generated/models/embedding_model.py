from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="EmbeddingModel")


@_attrs_define
class EmbeddingModel:
    """A model whose vectors are or were stored."""

    model_id: str
    """ The name of the model """
    dimensions: int
    """ Length of a vector of this model """
    active: bool
    """ Whether searches are answered by it """
    vectors: int | None
    """ How many of it are stored, over all tenants; not counted while a run is under way """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model_id = self.model_id

        dimensions = self.dimensions

        active = self.active

        vectors: int | None
        vectors = self.vectors

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model_id": model_id,
                "dimensions": dimensions,
                "active": active,
                "vectors": vectors,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        model_id = d.pop("model_id")

        dimensions = d.pop("dimensions")

        active = d.pop("active")

        def _parse_vectors(data: object) -> int | None:
            if data is None:
                return data
            return cast("int | None", data)

        vectors = _parse_vectors(d.pop("vectors"))

        made = cls(
            model_id=model_id,
            dimensions=dimensions,
            active=active,
            vectors=vectors,
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
