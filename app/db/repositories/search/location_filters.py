"""SQL filter by geographic location."""

from typing import Any

from sqlalchemy import ColumnElement, Float, and_, func, literal
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import InstrumentedAttribute

from app.memory.geography import EARTH_KM, Area


def is_within_area(location: InstrumentedAttribute[dict[str, Any] | None], area: Area) -> ColumnElement[bool]:
    """Return the condition that a stored location lies in the area, as `Area.contains_location` tells it."""
    words = func.regexp_split_to_array(func.lower(location["name"].astext), r"\W+")
    named = words.op("@>")(literal(area.name_words, ARRAY(TEXT)))
    conditions = [location["name"].astext.is_not(None), named]
    if area.radius_km is not None:
        lat, lon = (func.radians(location[name].astext.cast(Float)) for name in ("lat", "lon"))
        here_lat, here_lon = func.radians(area.lat), func.radians(area.lon)
        across = func.power(func.sin((lat - here_lat) / 2), 2)
        along = func.power(func.sin((lon - here_lon) / 2), 2)
        share = func.least(1.0, func.sqrt(across + func.cos(here_lat) * func.cos(lat) * along))
        conditions.append(2 * EARTH_KM * func.asin(share) <= area.radius_km)
    return and_(*conditions)
