"""Sessions: their state, goals and working set, and questions that need their session to be understood."""
