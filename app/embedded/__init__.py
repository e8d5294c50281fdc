"""Postgres and Valkey as child processes of one supervisor: the default without Docker."""
