"""Database access: tables, sessions and repositories. Postgres is the system of record."""
