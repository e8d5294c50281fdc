"""Sentences of other languages than English, which are kept whole."""
