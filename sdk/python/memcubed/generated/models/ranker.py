from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.ranker_training import RankerTraining
    from ..models.ranker_version import RankerVersion


T = TypeVar("T", bound="Ranker")


@_attrs_define
class Ranker:
    """What each feature is worth in this tenant's searches."""

    version: int
    """ 0 = built in """
    weights: Any
    """ What each feature is worth """
    feedback: int
    """ Searches with feedback since the last reset """
    training: None | RankerTraining
    """ The last one; None when there was none yet """
    versions: list[RankerVersion]
    """ The last 20, newest first """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.ranker_training import RankerTraining  # noqa: PLC0415

        version = self.version

        weights = self.weights

        feedback = self.feedback

        training: dict[str, Any] | None
        if isinstance(self.training, RankerTraining):
            training = self.training.to_dict()
        else:
            training = self.training

        versions = []
        for versions_item_data in self.versions:
            versions_item = versions_item_data.to_dict()
            versions.append(versions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "weights": weights,
                "feedback": feedback,
                "training": training,
                "versions": versions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.ranker_training import RankerTraining  # noqa: PLC0415
        from ..models.ranker_version import RankerVersion  # noqa: PLC0415

        d = dict(src_dict)
        version = d.pop("version")

        weights = d.pop("weights")

        feedback = d.pop("feedback")

        def _parse_training(data: object) -> None | RankerTraining:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                training_type_0 = RankerTraining.from_dict(data)

                return training_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | RankerTraining", data)

        training = _parse_training(d.pop("training"))

        versions = []
        _versions = d.pop("versions")
        for versions_item_data in _versions:
            versions_item = RankerVersion.from_dict(versions_item_data)

            versions.append(versions_item)

        made = cls(
            version=version,
            weights=weights,
            feedback=feedback,
            training=training,
            versions=versions,
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
