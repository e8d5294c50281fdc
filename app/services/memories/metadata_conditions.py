"""The filter by metadata of a request, as the condition that is evaluated and compiled to SQL."""

from app.memory.metadata_filters import AllOf, AnyOf, Comparison, Condition, Not, Operator
from app.schemas.memories.metadata_filters import MetadataFilter

_NEGATED = {"ne": Operator.EQ, "nin": Operator.IN}


def to_condition(message: MetadataFilter) -> Condition:
    """The condition that a message stands for."""
    if message.and_ is not None:
        return AllOf(tuple(to_condition(part) for part in message.and_))
    if message.or_ is not None:
        return AnyOf(tuple(to_condition(part) for part in message.or_))
    if message.not_ is not None:
        return Not(to_condition(message.not_))
    assert message.op is not None
    assert message.field is not None
    path = (message.field,) if isinstance(message.field, str) else tuple(message.field)
    comparison = Comparison(path, _NEGATED.get(message.op) or Operator(message.op), message.value)
    is_negated = message.op in _NEGATED or (message.op == "exists" and message.value is False)
    return Not(comparison) if is_negated else comparison


def to_condition_or_none(message: MetadataFilter | None) -> Condition | None:
    """The condition of a list that may have none."""
    return to_condition(message) if message is not None else None
