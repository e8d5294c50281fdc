"""Upper bounds on the text that extraction rules read, so that one turn or segment has bounded cost.

The rules are regular expressions, and one that is quadratic or worse is harmless on a sentence and stops a
worker on 64 KiB. So no rule sees a whole turn: what cuts a turn into sentences and lines is linear, a rule
sees one piece, and of pieces and facts there is a greatest number. All is counted, nothing is timed: a turn
gives the same on a slow machine as on a fast one. What is left out is in the turn log, found by its words.
"""

# What a pattern that ignores case takes for an ASCII letter, and `lower` does not make one.
ASCII_LETTER_FOLDING = str.maketrans({"\u017f": "s", "\u212a": "k", "\u0130": "I", "\u0131": "i"})
MAX_SENTENCE_CHARS = 400  # characters of a sentence that states something of its speaker
MAX_LINE_CHARS = 1_000  # of a line with a label; a longer memory is refused as well
MAX_CHARS_READ = 24_000  # characters of the sentences of one turn that rules read
MAX_CLAUSES = 600  # of one turn
MAX_FACTS = 50  # of one segment, from rules or from a model
MAX_WORD_CHARS = 100  # letters of a word that is reduced to its stem
