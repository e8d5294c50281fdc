"""Dates: time expressions of English, and the tense that says which day they mean."""
