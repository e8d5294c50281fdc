"""Routes of grants between users, and copies."""
