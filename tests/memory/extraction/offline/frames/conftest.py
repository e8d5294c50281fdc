"""The parser, loaded once for all tables of frames."""

import pytest

from app.llm.english_parser import EnglishParser


@pytest.fixture(scope="session")
def parser() -> EnglishParser:
    return EnglishParser()
