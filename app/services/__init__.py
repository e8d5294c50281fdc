"""The use cases: the only place where I/O is put in order."""
