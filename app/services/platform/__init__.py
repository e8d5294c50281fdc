"""What every capability uses: keys, jobs, pagination, idempotency, artifacts, the budget of LLM calls."""
