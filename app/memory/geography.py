"""Geographic filter: whether a location lies in an area, by the words of its name or by distance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any

EARTH_KM = 6371.0088  # mean radius (IUGG)
_WORD_PATTERN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Area:
    """An area: locations within `radius_km` of (`lat`, `lon`) whose name has all words of `name`.

    Coordinates are in degrees (WGS 84). None for `name` or `radius_km` means that it does not restrict.
    """

    name: str | None = None
    lat: float = 0.0
    lon: float = 0.0
    radius_km: float | None = None

    @property
    def name_words(self) -> list[str]:
        """Words that a location's name must contain."""
        return _split_words(self.name or "")

    def contains_location(self, location: Mapping[str, Any] | None) -> bool:
        """Whether the area contains a location (`name`, `lat`, `lon`); an unknown location is in no area."""
        if location is None or not set(self.name_words) <= set(_split_words(location["name"])):
            return False
        if self.radius_km is None:
            return True
        lat, lon = location.get("lat"), location.get("lon")
        return (
            lat is not None
            and lon is not None
            and haversine_km(self.lat, self.lon, lat, lon) <= self.radius_km
        )


def haversine_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in km between two points in degrees (haversine formula, Sinnott 1984)."""
    phi, other_phi = radians(lat), radians(other_lat)
    sin2_lat = sin((other_phi - phi) / 2) ** 2
    sin2_lon = sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(sin2_lat + cos(phi) * cos(other_phi) * sin2_lon)))


def _split_words(name: str) -> list[str]:
    return _WORD_PATTERN.findall(name.lower())
