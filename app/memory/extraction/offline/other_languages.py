"""Facts of sentences that are not English: whole sentences, chosen by whether they hold something worth
knowing.
"""

from app.memory.text.analysis_text import AnalysisText
from app.memory.types import Fact, Turn


def find_foreign_facts(turn: Turn, analysis: AnalysisText) -> list[Fact]:
    """The facts of the sentences of a user's turn that are not English, in order."""
    return []
