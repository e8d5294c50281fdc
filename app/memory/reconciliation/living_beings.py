"""Whether a sentence tells of a person or an animal, as far as its nouns show."""

import re

from app.core.text_caches import text_cache
from app.memory.text.word_lists import FAMILY_MEMBERS, MULTIPLE_RELATIONS, PETS, SINGLE_RELATIONS
from app.memory.text.word_sets import word_set

_ANIMALS = PETS | word_set(
    """
    budgie budgerigar parakeet canary cockatiel cockatoo macaw finch gerbil mouse rat hen chicken rooster
    cockerel
    duck goose sheep ewe lamb goat donkey mule pig piglet cow calf llama alpaca spaniel beagle labrador lab
    retriever poodle terrier dachshund collie shepherd husky pug corgi greyhound whippet bulldog boxer setter
    mongrel mutt hound tabby tomcat siamese moggy mare stallion gelding foal koi axolotl gecko iguana hedgehog
    chinchilla chameleon tarantula terrapin doggy kitty pets animal animals hens
    """
)
_BEINGS = (
    _ANIMALS
    | FAMILY_MEMBERS
    | SINGLE_RELATIONS
    | MULTIPLE_RELATIONS
    | word_set(
        """
        gran granny nan nana nanna grandad granddad grandparent grandparents godmother godfather godson
        goddaughter godchild stepmother stepfather stepmum stepdad mother-in-law father-in-law sister-in-law
        brother-in-law parents parent landlady landlord mate pal buddy fellow professor tutor doctor nurse
        neighbours neighbors husband twin ex auntie flatmate housemate uncles aunts
        """
    )
)
_WORD = re.compile(r"[a-z\u00c0-\u024f]+(?:-in-law)?")


@text_cache()
def tells_of_being(content: str, *, is_pet: bool) -> bool:
    """Whether a sentence has a noun for a person or an animal, or just for an animal."""
    return not frozenset(_WORD.findall(content.casefold())).isdisjoint(_ANIMALS if is_pet else _BEINGS)
