"""What the command was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How an export is read: whose it is, what the speakers are called, which branches count."""

    user: str | None = None
    users: Mapping[str, str] = field(default_factory=dict[str, str])
    user_name: str | None = None
    assistant_name: str | None = None
    all_branches: bool = False
    namespace_part: int = -1

    def resolve_user(self, found: str | None) -> str | None:
        """The user_id to store under: the one that was forced, or the export's own as it was mapped."""
        if self.user is not None:
            return self.user
        return self.users.get(found, found) if found is not None else None

    def name_of(self, role: str) -> str | None:
        """What a speaker of this role is called."""
        return {"user": self.user_name, "assistant": self.assistant_name}.get(role)
