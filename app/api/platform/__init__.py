"""Routes of jobs, artifacts and keys."""
