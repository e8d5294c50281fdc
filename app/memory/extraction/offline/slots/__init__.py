"""Slots without a language model: what a clause states of a property, by strict rules."""
