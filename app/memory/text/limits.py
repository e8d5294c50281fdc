"""How much of a text the rules read: the bounds that keep the cost of one turn, and of one segment, finite.

The rules are regular expressions, and one that is quadratic or worse is harmless on a sentence and stops a
worker on 64 KiB. So no rule sees a whole turn: what cuts a turn into sentences and lines is linear, a rule
sees one piece, and of pieces and facts there is a greatest number. All is counted, nothing is timed: a turn
gives the same on a slow machine as on a fast one. What is left out is in the turn log, found by its words.
"""

# What a pattern that ignores case takes for an ASCII letter, and `lower` does not make one.
ONE_LETTER = str.maketrans({"\u017f": "s", "\u212a": "k", "\u0130": "I", "\u0131": "i"})
LONGEST_SENTENCE = 400  # characters of a sentence that states something of its speaker
LONGEST_LINE = 1_000  # of a line with a label; a longer memory is refused as well
READ_MOST = 24_000  # characters of the sentences of one turn that rules read
CLAUSES_MOST = 600  # of one turn
FACTS_MOST = 50  # of one segment, from rules or from a model
LONGEST_WORD = 100  # letters of a word that is reduced to its stem
