"""SQL of keys, jobs, idempotency, artifacts, users and the service itself."""
