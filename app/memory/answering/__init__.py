"""Answers that a language model writes from what a search found: prompt, reply and what of it is kept."""
