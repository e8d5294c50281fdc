"""The search index of one user: documents, vectors, inverted index and link graph as arrays."""
