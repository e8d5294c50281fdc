"""Messages of grants between users, and copies."""
