"""HTTP layer: parses the request, calls one service, chooses the status code."""
