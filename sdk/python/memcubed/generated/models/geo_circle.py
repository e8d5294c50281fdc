from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="GeoCircle")


@_attrs_define
class GeoCircle:
    """A circle on the ground; degrees (WGS 84) and kilometres."""

    lat: float
    """ Latitude in degrees """
    lon: float
    """ Longitude in degrees """
    km: float
    """ The radius in kilometres """

    def to_dict(self) -> dict[str, Any]:
        lat = self.lat

        lon = self.lon

        km = self.km

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "lat": lat,
                "lon": lon,
                "km": km,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        lat = d.pop("lat")

        lon = d.pop("lon")

        km = d.pop("km")

        made = cls(
            lat=lat,
            lon=lon,
            km=km,
        )

        return made
