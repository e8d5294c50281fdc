"""The value of a slot after an edit without a value."""

import pytest

from app.memory.reconciliation.edited_values import MAX_VALUE_CHARS, derive_edited_value


@pytest.mark.parametrize(
    ("content", "value", "edited", "expected"),
    [
        ("Ann lives in Oslo", "oslo", "Ann lives in Bergen", "bergen"),
        ("Ann lives in Oslo.", "oslo", "Ann lives in Bergen.", "bergen"),
        ("Ann lives in Oslo", "oslo", "ANN LIVES IN BERGEN", "bergen"),
        ("Ann lives in Oslo", "oslo", "Ann lives in the north of Bergen", "the north of bergen"),
        ("Ann lives in Oslo", "oslo", "Ann lives in  Bergen", "bergen"),
        ("Oslo is her home", "oslo", "Bergen is her home", "bergen"),
        ("Her rent is 900 a month", "900", "Her rent is 1900 a month", "1900"),
        ("Her rent is 900 a month", "900", "Her rent is 90 a month", "90"),
        ("Ann drives a Golf", "golf", "Ann drives a Golfino", "golfino"),
        ("Ann lives in Oslo", "oslo", "She has moved to Bergen", "she has moved to bergen"),
        ("Ann lives in Oslo", "oslo", "Bergen", "bergen"),
        ("Ann lives in Oslo", "oslo", "Ann lives in", "ann lives in"),
        ("Ann bor i Tromsø", "tromsø", "Ann bor i Bodø", "bodø"),
        ("安住在奥斯陆", "奥斯陆", "安住在卑尔根", "卑尔根"),
        ("Ann lives in Oslo", "oslo", "Ann lives in Oslo still", None),
        ("Ann lives in Oslo", "oslo", "ann lives in oslo", None),
        ("Ann plays chess", "yes", "Ann plays go", None),
        ("Ann plays chess", "no", "Ann plays go", None),
        ("Ann plays chess", None, "Ann plays go", None),
        ("It was moved by hand", "lisbon", "Porto", "porto"),  # a value that the content never said
    ],
)
def test_follows_the_text(content, value, edited, expected):
    assert derive_edited_value(content, value, edited) == expected


def test_is_bounded():
    found = derive_edited_value("Ann lives in Oslo", "oslo", "Elsewhere. " * 5_000)
    assert found is not None
    assert len(found) <= MAX_VALUE_CHARS
