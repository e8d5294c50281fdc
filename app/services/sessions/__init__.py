"""Sessions: their state and working set."""
