"""Names of topics and values of lists that rules write: nouns and names, no fragments."""

import pytest

from app.memory.consolidation.labels import is_clean_value, is_label

LABELS = [
    ("pottery", ["Ann signed up for a pottery class", "Ann is a fan of pottery", "Ann makes pottery"]),
    ("store", ["Ann's store is open", "Ann found a piece for the store", "The store grows"]),
    ("garden", ["Ann works in the garden", "Ann's garden has roses", "Ann planted the garden"]),
    ("Rex", ["Ann walks with Rex", "Ann feeds Rex", "Ann's dog is Rex"]),
    ("running", ["Ann is tired of running", "Ann gave a talk about running", "Ann likes running"]),
    ("Bergen", ["Ann moved to Bergen", "Ann works in Bergen", "Ann likes Bergen"]),
    ("mother", ["Ann called her mother", "Ann's mother is ill", "Ann cooks for her mother"]),
    ("dance", ["Ann goes to a dance class", "Ann's dance studio is open", "Ann dances"]),
    ("novel", ["Ann writes a new novel", "Ann sold the novel", "Ann reads novels"]),
    ("knee", ["Ann hurt her left knee", "Ann had a knee operation", "Ann's knee is better"]),
    ("piano", ["Ann bought an old piano", "Ann plays the piano", "Ann tunes the piano"]),
]
NO_LABELS = [
    ("also", ["Ann also runs", "Ann also sings", "Ann also cooks"]),
    ("got", ["Ann got a dog", "Ann got a cat", "Ann got the job"]),
    ("to", ["Ann loves to sing", "Ann likes to run", "Ann has to go"]),
    ("time", ["Ann had a good time", "Ann has the time", "At that time Ann ran"]),
    ("people", ["Ann helps the people", "Ann met some people", "Ann likes people"]),
    ("really", ["Ann really runs", "Ann really sings", "Ann really cooks"]),
    ("runs", ["Ann runs home", "Ann runs daily", "Ann runs far"]),
    ("yesterday", ["Ann ran yesterday", "Ann sang yesterday", "The day was yesterday"]),
    ("just", ["Ann just ran", "Ann just sang", "Ann just cooked"]),
    ("went", ["Ann went home", "Ann went out", "Ann went to sleep"]),
    ("great", ["Ann has a great dog", "Ann is great", "The great day"]),
    ("accept", ["Ann felt acceptance", "Ann speaks of acceptance", "Ann was accepted by the choir"]),
    ("thing", ["Ann did the thing", "Ann has a thing", "Ann saw things"]),
    ("week", ["Ann ran in the week of 2 March", "In the week Ann sings", "Ann rests for a week"]),
    ("made", ["Ann made a cake", "Ann made it", "Ann made bread"]),
    ("", ["Ann", "Ann", "Ann"]),
]


@pytest.mark.parametrize(("word", "contents"), LABELS)
def test_a_noun_or_a_name_is_a_label(word, contents):
    assert is_label(word, contents, 2)


@pytest.mark.parametrize(("word", "contents"), NO_LABELS)
def test_other_words_are_none(word, contents):
    assert not is_label(word, contents, 2)


CLEAN = ("pottery", "live music", "camping trips", "Rex", "bergen", "a cat", "dark chocolate",
         "to bake bread", "jazz", "7 chickens")  # fmt: skip
FRAGMENTS = ("to", "it", "playing with", "that", "also", "", "12", "the", "a lot", "things", "time",
             "going out with all of the people from work")  # fmt: skip


@pytest.mark.parametrize("value", CLEAN)
def test_a_value_that_says_something_is_clean(value):
    assert is_clean_value(value)


@pytest.mark.parametrize("value", FRAGMENTS)
def test_a_fragment_is_not(value):
    assert not is_clean_value(value)
