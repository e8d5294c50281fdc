"""The words by which English tells that something is over, replaced or moved."""
