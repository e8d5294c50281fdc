"""The Model Context Protocol at `/mcp`: streamable HTTP, stateless, with JSON answers."""
