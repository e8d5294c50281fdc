"""SQL of the index feed, index snapshots, ANN vectors and feedback."""
