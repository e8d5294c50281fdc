"""The parser of English sentences that a test process loads once."""

from app.llm.english_parser import EnglishParser

PARSER = EnglishParser()
