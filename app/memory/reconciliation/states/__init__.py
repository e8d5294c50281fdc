"""States that a person or thing is in one at a time: what sentences tell of them, and which exclude which."""
