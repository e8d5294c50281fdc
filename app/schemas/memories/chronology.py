"""Order and timeline on the wire."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.vocabulary import DatedBy, Form, ItemType, Kind, Order, Status
from app.schemas.common import Instant, PlaceOut


class OrderEvidence(BaseModel):
    """When something was, and how that is known."""

    id: UUID
    type: ItemType
    content: str
    from_: Instant = Field(serialization_alias="from", validation_alias="from")
    to: Instant = Field(description="Exclusive; the same as `from` for a moment")
    dated_by: DatedBy = Field(description="`event`: the date that was stated; `log`: when it was said")
    session_id: str | None = Field(description="The session of the turn that dates it")
    position: int | None = Field(description="The turn's place in that session")


class OrderOut(BaseModel):
    """Which of two came first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "answer": "first",
                    "first": {
                        "id": "0198c5a0-0000-7000-8000-000000000001",
                        "type": "memory",
                        "content": "Ann moved to Oslo on 7 May 2023",
                        "from": "2023-05-07T00:00:00Z",
                        "to": "2023-05-08T00:00:00Z",
                        "dated_by": "event",
                        "session_id": None,
                        "position": None,
                    },
                    "second": {
                        "id": "0198c5a0-0000-7000-8000-000000000002",
                        "type": "turn",
                        "content": "I have a new job.",
                        "from": "2023-06-01T09:30:00Z",
                        "to": "2023-06-01T09:30:00Z",
                        "dated_by": "log",
                        "session_id": "s1",
                        "position": 4,
                    },
                }
            ]
        }
    )

    answer: Order
    first: OrderEvidence
    second: OrderEvidence


class TimelineItem(BaseModel):
    """A memory at its place in time."""

    id: UUID
    kind: Kind
    form: Form
    status: Status
    content: str
    subject: str | None
    attribute: str | None
    value: str | None
    place: PlaceOut | None
    from_: Instant = Field(serialization_alias="from", validation_alias="from")
    to: Instant | None = Field(description="Exclusive; None = a moment, or still going on")
    precision: str | None = Field(description="Of an event's date: hour, day, week, month, year …")


class TimelinePage(BaseModel):
    """Dated memories, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "id": "0198c5a0-0000-7000-8000-000000000001",
                            "kind": "event",
                            "form": "event",
                            "status": "activated",
                            "content": "Ann moved to Oslo on 7 May 2023",
                            "subject": None,
                            "attribute": None,
                            "value": None,
                            "place": {"name": "Oslo", "lat": 59.9, "lon": 10.7},
                            "from": "2023-05-07T00:00:00Z",
                            "to": "2023-05-08T00:00:00Z",
                            "precision": "day",
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )

    items: list[TimelineItem]
    next_cursor: str | None
    total: int | None = Field(default=None, description="With `include_total`: how many match, on all pages")
