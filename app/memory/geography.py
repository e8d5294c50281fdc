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
    """Places whose name has all words of `name`, at most `km` from (`lat`, `lon`) in degrees; None = any."""

    name: str | None = None
    lat: float = 0.0
    lon: float = 0.0
    radius_km: float | None = None

    @property
    def name_words(self) -> list[str]:
        """What the name of a place must have."""
        return _split_words(self.name or "")

    def contains_location(self, location: Mapping[str, Any] | None) -> bool:
        """Whether a place (`name`, `lat`, `lon`) lies in it; one that is not known does not."""
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
    """The way over the ground between two points in degrees (haversine formula)."""
    one, other = radians(lat), radians(other_lat)
    across = sin((other - one) / 2) ** 2
    along = sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(across + cos(one) * cos(other) * along)))


def _split_words(name: str) -> list[str]:
    return _WORD_PATTERN.findall(name.lower())
