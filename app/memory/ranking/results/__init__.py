"""From ranked ids to what is shown: representation, order, duplicates, neighbours."""
