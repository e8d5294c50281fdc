"""The OpenAPI document: what the routes and messages don't say by themselves, and what generators need."""
