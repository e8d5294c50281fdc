"""The parser that all tables of frames share with the other tests."""

import pytest

from app.memory.text.parsed_text import SentenceParser
from tests.parsing import PARSER


@pytest.fixture(scope="session")
def parser() -> SentenceParser:
    return PARSER
