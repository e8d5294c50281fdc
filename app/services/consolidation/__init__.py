"""Consolidation: forget, merge, and derive summaries, insights and topics."""
