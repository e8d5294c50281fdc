"""Writes a clause as a fact: in the third person, with its kind and its time."""
