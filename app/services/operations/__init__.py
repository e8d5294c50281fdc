"""The service itself: may it start, is it ready, what has it counted."""
