"""A concession alone tells nothing; what begins with such a word and has a verb beside it is kept."""

import pytest

from tests.memory.extraction.offline.worth.test_heard_words import contents

CONCESSIONS = [
    "whatever the ladies of Stellenbosch may say",
    "whatever my brother Tom thinks of it",
    "whoever you ask",
    "whichever you like",
    "whatever happens in Leeds",
    "whatever it costs my father",
]
STATEMENTS = [
    ("However, I moved to Oslo in May.", "moved to Oslo"),
    ("However much it rains, I walk to Acme every day.", "walks to Acme"),
    ("Whenever I eat nuts I get hives.", "gets hives"),
    ("Whenever my sister Eva visits, she brings her cello.", "cello"),
    ("Wherever I go, I take my cello with me.", "cello"),
    ("Wherever we lived, my father Jens kept bees.", "bees"),
    ("Whatever I earn goes to my sister Eva in Hull.", "Eva in Hull"),
    ("Whatever the doctor says, I gave up coffee in May.", "gave up coffee"),
    ("Whatever, I quit Acme in May.", "quit Acme"),
    ("Whoever lives above us plays the drums at night.", "drums"),
    ("Whoever wins, my son Ole starts school in August.", "Ole"),
    ("Whichever bus comes first takes me to Acme, where I work.", "Acme"),
    ("Whichever way you look at it, I owe my brother Tom 900 euros.", "900 euros"),
    ("I drink one sherry at six, whatever the ladies of the club may say.", "sherry"),
    ("My aunt Ida keeps hens, whatever it costs her.", "hens"),
]


@pytest.mark.parametrize("said", CONCESSIONS)
def test_a_concession_is_no_memory_of_its_own(said: str) -> None:
    told = contents(f"I have been a widow for nine years and live alone, thank you, {said}.")
    assert not any(content.lower().startswith(said.split()[0]) for content in told)


@pytest.mark.parametrize(("said", "told"), STATEMENTS)
def test_what_has_a_verb_beside_it_is_kept(said: str, told: str) -> None:
    assert any(told in content for content in contents(said))
