"""The reader of English sentences that a test process loads once."""

from app.llm.english_reader import EnglishReader

PARSER = EnglishReader()
