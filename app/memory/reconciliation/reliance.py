"""How far a caller should trust a memory: rely on it, verify it, or ask the user.

The idea of telling the reader how far to trust the context is that of CK-PLUG (arXiv 2503.15888); that facts
which change with time need checking and disputable ones need asking is DynamicQA's (arXiv 2407.17023). The
thresholds are design choices.
"""

from datetime import timedelta

from app.core.vocabulary import Form, Reliance, Status, Volatility

MIN_SURE_CONFIDENCE = 0.7  # one statement of the user is .8, one of an assistant or a hedged one is less
MAX_FRESH_AGE = timedelta(days=180)  # after this long, what can change may well have changed
STATIC_ATTRIBUTES = frozenset(["name", "birthday", "origin", "birthplace", "native_language", "blood_type"])


def default_volatility(form: str, attribute: str | None) -> Volatility:
    """How easily a memory stops being true when nothing contradicts it: events and origins don't change."""
    lasting = form == Form.EVENT or attribute in STATIC_ATTRIBUTES
    return Volatility.STATIC if lasting else Volatility.TEMPORAL


def assess_reliance(
    *,
    confidence: float,
    volatility: str,
    in_conflict: bool,
    age: timedelta,
    status: str = Status.ACTIVATED,
    stale: bool = False,
) -> Reliance:
    """How far to rely on a memory. `age`: since it was last said.

    An open conflict is the user's to settle. What is not current, is stale, is less than `SURE` (confidence
    in [0, 1]), was disputed, or can change and was not said for `FRESH` should be checked.
    """
    if in_conflict:
        return Reliance.ASK_USER
    aged = volatility != Volatility.STATIC and age > MAX_FRESH_AGE
    if (
        stale
        or status != Status.ACTIVATED
        or confidence < MIN_SURE_CONFIDENCE
        or volatility == Volatility.DISPUTABLE
        or aged
    ):
        return Reliance.VERIFY
    return Reliance.PREFER_MEMORY
