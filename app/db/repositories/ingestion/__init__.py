"""SQL of the turn ledger."""
