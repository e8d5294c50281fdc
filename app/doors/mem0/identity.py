"""mem0's four ids in ours: user → user_id, agent → agent_id, run → session_id, app → metadata.

mem0 stores memories without a user as well. Here every memory is somebody's, so such ones belong to a
pseudo-user: `agent:x`, `app:x` or `run:x`, the first of these that is given. What has no place of its own is
kept in the metadata under one key, which clients neither send nor see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.core.errors import InvalidInput
from app.schemas.common import Id, PathId

RESERVED_KEY = "mem0"  # of metadata
DAY_SESSION = "mem0-day:"  # the sessions of what was added without a run: one a day
_PSEUDO = ("agent:", "app:", "run:")
_path_ids: TypeAdapter[str] = TypeAdapter(PathId)
_ids: TypeAdapter[str] = TypeAdapter(Id)


@dataclass(frozen=True, slots=True)
class Entities:
    """The ids that a request names, normalised."""

    user_id: str | None = None
    agent_id: str | None = None
    app_id: str | None = None
    run_id: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it names nobody."""
        return not (self.user_id or self.agent_id or self.app_id or self.run_id)

    def owner(self, bound_user: str | None) -> str:
        """The user_id of ours whose memory it is; without a user that of the key, if it is bound to one."""
        if self.user_id is not None:
            return self.user_id
        if bound_user is not None:
            return bound_user
        for kind, name in (("agent", self.agent_id), ("app", self.app_id), ("run", self.run_id)):
            if name is not None:
                return normalise(f"{kind}:{name}", f"{kind}_id", is_pseudo=True)
        raise InvalidInput("Name at least one of user_id, agent_id, app_id and run_id.", field="user_id")

    def session_id(self, at: datetime) -> str:
        """The session of ours that turns of this request belong to."""
        return self.run_id if self.run_id is not None else f"{DAY_SESSION}{at.date().isoformat()}"

    def reserved_metadata(self) -> dict[str, Any]:
        """What is kept under the reserved key of metadata."""
        kept = {"app_id": self.app_id, "run_id": self.run_id}
        kept = {name: value for name, value in kept.items() if value is not None}
        return {RESERVED_KEY: kept} if kept else {}


def normalise(value: Any, field: str, *, is_pseudo: bool = False) -> str:
    """The one form of an id. Raises `InvalidInput` naming the field."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        value = str(value)  # mem0's clients take numbers too
    adapter = _ids if field == "agent_id" and not is_pseudo else _path_ids
    try:
        name = adapter.validate_python(value)
    except ValidationError as exc:
        raise InvalidInput(str(exc.errors()[0]["msg"]), field=field) from exc
    if field == "user_id" and name.startswith(_PSEUDO):
        message = "An id that begins with agent:, app: or run: stands for memories without a user here."
        raise InvalidInput(message, field=field)
    if field == "run_id" and name.startswith(DAY_SESSION):
        raise InvalidInput(f"A run_id can't begin with {DAY_SESSION}", field=field)
    return name


def read_entities(values: Mapping[str, Any]) -> Entities:
    """The entities among these values; None and empty texts name nobody. Raises `InvalidInput`."""
    found = {
        name: normalise(values[name], name)
        for name in ("user_id", "agent_id", "app_id", "run_id")
        if values.get(name) not in (None, "")
    }
    return Entities(**found)


def shown_user_id(user_id: str) -> str | None:
    """The user's id as a client knows it; None for a pseudo-user."""
    return None if user_id.startswith(_PSEUDO) else user_id


def reject_reserved_key(metadata: Mapping[str, Any], field: str = "metadata") -> None:
    """Raise `InvalidInput` for metadata that use the key which this door keeps its own things under."""
    if RESERVED_KEY in metadata:
        raise InvalidInput(f"The key {RESERVED_KEY!r} of metadata is this door's own.", field=field)
