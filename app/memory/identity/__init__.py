"""Identity: which person, thing and property a statement is about."""
