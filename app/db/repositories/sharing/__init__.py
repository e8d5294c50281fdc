"""SQL of grants and copies."""
