"""Search: keep the indexes current, search, build a context, learn from feedback."""
