"""Consolidation: retention, condensation, and what is derived from several memories."""
