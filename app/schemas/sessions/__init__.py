"""Messages of session states and working sets."""
