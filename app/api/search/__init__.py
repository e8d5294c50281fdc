"""Routes of searches, contexts, answers and feedback on them."""
