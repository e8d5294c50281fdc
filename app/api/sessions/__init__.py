"""Routes of session states and working sets."""
