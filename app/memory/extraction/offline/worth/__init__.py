"""Which clauses are worth a memory."""
