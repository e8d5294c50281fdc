"""SQL of session states."""
