"""If-Match (RFC 9110, section 13.1.1): which versions a write may replace."""

import re
from dataclasses import dataclass

from app.core.errors import InvalidInput, PreconditionFailed

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"|0|[1-9][0-9]{0,8}'
_LIST = re.compile(rf"[ \t,]*(?:{_TAG})(?:[ \t]*,(?:[ \t]*(?:{_TAG}))?)*[ \t]*")
_ONE = re.compile(_TAG)
_FORMS = 'If-Match is a version such as 3 or "3", a list of such, or * for any version.'


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The versions that the caller may overwrite; None means any existing version."""

    versions: frozenset[str] | None

    @classmethod
    def parse_header(cls, header: str) -> "IfMatch":
        """Parse the header; a bare number stands for its tag. Raises `InvalidInput`."""
        header = header.strip(" \t")
        if header == "*":
            return cls(None)
        if not _LIST.fullmatch(header):
            raise InvalidInput(_FORMS, field="If-Match")
        # A weak tag matches nothing: it does not say that the representation was identical.
        tags = [tag for tag in _ONE.findall(header) if not tag.startswith("W/")]
        return cls(frozenset(tag.strip('"') for tag in tags))

    def check_version(self, version: int, what: str) -> None:
        """Raise `PreconditionFailed` unless `what` is at an accepted version; 0 = there is none yet."""
        if (self.versions is None and version > 0) or (self.versions and str(version) in self.versions):
            return
        state = f"is at version {version}" if version else "has no version yet"
        message = f"The {what} {state}; read it again and repeat the change."
        if self.versions is not None and not self.versions:
            message = f"A weak tag never matches; the {what} {state}."
        raise PreconditionFailed(message, field="If-Match")
