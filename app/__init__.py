"""memcubed: memory as a service for LLM chat apps and agents."""
