"""The wire contract: openapi/ is generated from these models."""
