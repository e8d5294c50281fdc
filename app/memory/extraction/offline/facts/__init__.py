"""The facts of statements: grouped, asked for, with their kind and their time."""
