"""The service as a whole: migrations, startup checks, readiness and metrics."""
