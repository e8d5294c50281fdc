"""Text analysis: tokens, languages, word lists, and dates as English writes them."""
