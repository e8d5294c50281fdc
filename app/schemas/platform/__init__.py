"""Messages of jobs, artifacts and keys."""
