"""What a list of OpenAI's messages says: whom to recall for, what is new in it, and which session it is."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.doors.chat_proxy.fence import strip_fences
from app.schemas.common import MAX_CONTENT_BYTES
from app.schemas.ingestion.chat_messages import TEXT_FIELDS
from app.schemas.ingestion.turns import NewTurn

MAX_QUERY_CHARS = 4_000
MAX_ARGUMENT_CHARS = 2_000  # of a call of a tool that are stored
MAX_CALLS = 4
MAX_NEW_TURNS = 100
MAX_SHOWN = 500
_CUT = " […]"
ROLES = ("user", "assistant", "tool")  # a tuple, as what is sent need not be hashable
Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredForm:
    """A message as it is stored: its role, text, speaker and what of tools belongs to it."""

    role: str
    text: str
    name: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    tool_call_id: str | None = None

    @property
    def key(self) -> str:
        """What makes two messages the same one, however their spaces stand."""
        calls = [call.get("id") for call in self.tool_calls]
        return json.dumps([self.role, " ".join(self.text.split()), calls, self.tool_call_id])


def to_form(message: object) -> StoredForm | None:
    """A message as it is stored; None for instructions and for what says nothing."""
    if not isinstance(message, Mapping) or message.get("role") not in ROLES:
        return None
    text = cut_text(strip_fences(_clean(join_text(message.get("content"), message.get("refusal")))))
    calls = tuple(_kept_calls(message.get("tool_calls"))) if message["role"] == "assistant" else ()
    if not text.strip() and not calls:
        return None
    call_id = message.get("tool_call_id") if message["role"] == "tool" else None
    name = message.get("name")
    return StoredForm(
        message["role"],
        text if text.strip() else "",
        name if isinstance(name, str) else None,
        calls,
        call_id if isinstance(call_id, str) else None,
    )


def join_text(content: object, refusal: object = None) -> str:
    """The text of a message's content; of what is no text there is only its type."""
    if isinstance(content, list):
        return "\n".join(text for part in content if (text := _part_text(part)))
    return next((text for text in (content, refusal) if isinstance(text, str)), "")


def _part_text(part: object) -> str:
    if not isinstance(part, Mapping):
        return ""
    kind = part.get("type")
    field = TEXT_FIELDS.get(kind) if isinstance(kind, str) else None
    text = part.get(field) if field is not None else None
    return text if isinstance(text, str) else f"[{kind}]" if isinstance(kind, str) and len(kind) < 40 else ""


def _clean(text: str) -> str:
    """A text that Postgres can hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def cut_text(text: str, most: int = MAX_CONTENT_BYTES) -> str:
    """The beginning of a text that is longer than a turn may be."""
    data = text.encode()
    if len(data) <= most:
        return text
    return data[: most - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT


def _kept_calls(calls: object) -> list[Mapping[str, Any]]:
    kept: list[Mapping[str, Any]] = []
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, Mapping) and len(kept) < MAX_CALLS:
            kind = "custom" if call.get("type") == "custom" else "function"
            told, field = call.get(kind), "input" if kind == "custom" else "arguments"
            if isinstance(told, Mapping):
                given = cut_text(_clean(str(told.get(field) or "")), MAX_ARGUMENT_CHARS)
                name = _clean(str(told.get("name") or ""))[:200]
                kept.append(
                    {"id": str(call.get("id"))[:200], "type": kind, kind: {"name": name, field: given}}
                )
    return kept


def find_query(messages: Sequence[object]) -> str:
    """What the user said last, by which the memory is searched; "" if nobody said anything."""
    said: list[str] = []
    for message in reversed(messages):
        form = to_form(message)
        if form is not None and form.role == "user":
            said.append(form.text)
        elif said:
            break
    return "\n".join(reversed(said)).strip()[-MAX_QUERY_CHARS:].strip()


def derive_session(messages: Sequence[object]) -> str:
    """The name of a conversation whose client names none: its first message makes it."""
    first = next((form.key for one in messages if (form := to_form(one)) is not None), "")
    return f"chat-{hashlib.sha256(first.encode()).hexdigest()[:24]}"


def list_new_turns(
    messages: Sequence[object], answer: Message | None, shown: Sequence[UUID]
) -> list[NewTurn]:
    """The turns that a request and its answer add: what stands behind the last answer, and the new one.

    The ref of a turn follows from what it says and how often that was said before, so a history that is sent
    again, or an answer that is made again, is stored once.
    """
    forms = [to_form(message) for message in messages]
    last_answer = max((at for at, one in enumerate(messages) if _is_answer(one)), default=-1)
    indexed = list(enumerate(forms))
    answered = to_form(answer) if answer is not None else None
    new = [(at, form) for at, form in indexed[last_answer + 1 :] if form is not None][-MAX_NEW_TURNS:]
    if answered is not None:
        new.append((len(forms), answered))
        forms.append(answered)
    made = [_to_turn(form, _ref(forms, at, form), shown) for at, form in new]
    return [turn for turn in made if turn is not None]


def _is_answer(message: object) -> bool:
    return isinstance(message, Mapping) and message.get("role") == "assistant"


def _ref(forms: Sequence[StoredForm | None], at: int, form: StoredForm) -> str:
    times = sum(one is not None and one.key == form.key for one in forms[:at])
    return f"chat-{hashlib.sha256(f'{times} {form.key}'.encode()).hexdigest()[:32]}"


def _to_turn(form: StoredForm, ref: str, shown: Sequence[UUID]) -> NewTurn | None:
    values: dict[str, Any] = {"role": form.role, "content": form.text or None, "ref": ref}
    if form.tool_calls:
        values["tool_calls"] = list(form.tool_calls)
    if form.role == "assistant":
        values["shown_memory_ids"] = list(shown)[:MAX_SHOWN]
    further = {"name": form.name, "tool_call_id": form.tool_call_id}
    # An odd name or id is no reason to forget what was said.
    for extra in ({name: value for name, value in further.items() if value is not None}, {}):
        try:
            return NewTurn.model_validate(values | extra)
        except ValidationError:
            continue
    return None
