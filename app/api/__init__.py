"""HTTP and nothing else: parse, call one service, choose the status."""
