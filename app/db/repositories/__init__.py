"""All SQL lives here, as plain functions of a session."""
