"""What code computes of a fact's content."""

import pytest

from app.core.vocabulary import Kind
from app.memory.extraction.computed_fields import (
    compute_entities,
    compute_importance,
    compute_place,
)


@pytest.mark.parametrize(
    ("content", "known", "expected"),
    [
        ("Ann lives in Oslo.", ["Ann"], {"Ann", "Oslo"}),
        ("Ann Berg lives in Oslo.", [None], {"Ann Berg", "Oslo"}),
        ("Bin day is Monday.", [], set()),
        ("The bin is green.", ["user"], set()),
        ("Ann's son Leo is coeliac.", ["Ann", "Leo"], {"Ann", "Leo"}),
        ("The user moved to New York City in May 2026.", [], {"New York City"}),
        ("Bo was born near St. Gallen.", ["Bo"], {"Bo", "St Gallen"}),
        ("Bo met Mr. Hill. Rain fell.", ["Bo"], {"Bo", "Mr Hill", "Rain"}),
        ("Toys R Us hired Bo on Monday.", [], {"Toys R Us", "Bo"}),
        ("Bo speaks French and Dutch.", ["Bo"], {"Bo"}),
        ("Bo knows Ed, Flo and Gus.", ["Bo"], {"Bo", "Ed", "Flo", "Gus"}),
        ("Bo read Ed's letter to Flo.", ["Bo"], {"Bo", "Ed", "Flo"}),
        ("Ann arbeitet bei der Post und isst kein Fleisch.", ["Ann", "Post"], {"Ann", "Post"}),
        ("Anna vive a Roma con la sua amica Lia.", ["Anna"], {"Anna", "Roma", "Lia"}),
        ("Марина живёт в Москве.", ["Марина"], {"Марина", "Москве"}),
        ("王芳住在上海。", ["王芳"], set()),
        ("Zoë likes Crème Brûlée.", ["Zoë"], {"Zoë", "Crème Brûlée"}),
        ("ann lives in oslo", ["ann"], set()),
        ("", ["Ann"], set()),
        ("I am Bo.", ["I"], {"Bo"}),
        ("A" * 3000, [], set()),
    ],
)
def test_entities(content: str, known: list[str | None], expected: set[str]):
    found = set(compute_entities(content, known))
    assert found - {"I"} == expected


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("Ann lives in Oslo.", "Oslo"),
        ("Ann ate near the Grand Place in May.", "Grand Place"),
        ("Ann was born in March in Bergen.", "Bergen"),
        ("Ann sings in German.", None),
        ("Ann is in love.", None),
        ("Ann habite à Lyon.", "Lyon"),
        ("Ann wrote to Bo.", None),
    ],
)
def test_place(content: str, place: str | None):
    assert compute_place(content) == place


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ((Kind.FACT, "allergy:nuts"), (Kind.FACT, "residence")),
        ((Kind.FACT, "residence"), (Kind.PREFERENCE, "likes:jazz")),
        ((Kind.PROCEDURE, None), (Kind.PREFERENCE, None)),
        ((Kind.PREFERENCE, None), (Kind.FACT, None)),
        ((Kind.FACT, "favourite_mug"), (Kind.FACT, None)),
    ],
)
def test_importance_goes_by_the_topic(more: tuple[Kind, str | None], less: tuple[Kind, str | None]):
    assert compute_importance(*more, dated=False) > compute_importance(*less, dated=False)
