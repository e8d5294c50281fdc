"""Writes out what people shorten or leave out, and mends what the parser misread."""
