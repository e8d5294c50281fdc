"""What an index hands to the ranking: candidates with their features, exact or approximate."""
