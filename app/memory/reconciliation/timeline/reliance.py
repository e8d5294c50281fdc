"""How far a caller should trust a memory: rely on it, verify it, or ask the user.

Telling the reader how far to trust the context follows CK-PLUG (arXiv 2503.15888). That facts which change
with time must be verified and disputable ones asked follows DynamicQA (arXiv 2407.17023). The thresholds are
design choices.
"""

from datetime import timedelta

from app.core.vocabulary import Form, Reliance, Status, Volatility

MIN_SURE_CONFIDENCE = 0.7  # one statement of the user has 0.8; one of an assistant, or a hedged one, has less
MAX_FRESH_AGE = timedelta(days=180)  # a temporal memory that was not restated for longer must be verified
STATIC_ATTRIBUTES = frozenset(["name", "birthday", "origin", "birthplace", "native_language", "blood_type"])


def default_volatility(form: str, attribute: str | None) -> Volatility:
    """How easily a memory becomes false when nothing contradicts it; events and origins are static."""
    is_static = form == Form.EVENT or attribute in STATIC_ATTRIBUTES
    return Volatility.STATIC if is_static else Volatility.TEMPORAL


def assess_reliance(
    *,
    confidence: float,
    volatility: str,
    in_conflict: bool,
    age: timedelta,
    status: str = Status.ACTIVATED,
    stale: bool = False,
) -> Reliance:
    """How far to rely on a memory; `age` is the time since it was last stated.

    An open conflict is for the user to settle. A memory is to be verified if it is not current, is stale, has
    a `confidence` (in [0, 1]) below `MIN_SURE_CONFIDENCE`, is disputable, or is not static and older than
    `MAX_FRESH_AGE`.
    """
    if in_conflict:
        return Reliance.ASK_USER
    is_old = volatility != Volatility.STATIC and age > MAX_FRESH_AGE
    if (
        stale
        or status != Status.ACTIVATED
        or confidence < MIN_SURE_CONFIDENCE
        or volatility == Volatility.DISPUTABLE
        or is_old
    ):
        return Reliance.VERIFY
    return Reliance.PREFER_MEMORY
