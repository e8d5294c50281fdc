"""Upper bounds on the text that extraction rules read, so that one turn or segment has bounded cost.

The rules are regular expressions: one that is quadratic or worse is harmless on a sentence but stops a worker
on 64 KiB. So no rule sees a whole turn: splitting a turn into sentences and lines is linear, a rule sees one
piece, and the numbers of pieces and facts are limited. The limits count and do not measure time, so a turn
gives the same result on a slow machine as on a fast one. Text beyond the limits stays in the turn log and is
found by search. All values are chosen.
"""

# Characters that a case-insensitive pattern takes for an ASCII letter but `lower` does not convert to one.
ASCII_LETTER_FOLDING = str.maketrans({"\u017f": "s", "\u212a": "k", "\u0130": "I", "\u0131": "i"})
MAX_SENTENCE_CHARS = 400  # characters of a sentence that states something about its speaker
MAX_LINE_CHARS = 1_000  # characters of a line with a label; a longer memory is rejected as well
MAX_CHARS_READ = 24_000  # characters of the sentences of one turn that rules read
MAX_CLAUSES = 600  # clauses read of one turn
MAX_FACTS = 50  # facts of one segment, from rules or from a model
MAX_WORD_CHARS = 100  # characters of a word that is reduced to its stem
LONG_TEXT_CHARS = 600  # chosen: a longer text is shown by an excerpt
