"""`memcubed import`: brings what other products exported, through the API of a running service."""
