"""The grammar of a sentence: its tree, clauses, titles and persons."""
