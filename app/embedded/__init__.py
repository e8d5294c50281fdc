"""The no-Docker default: Postgres and Valkey as children of one supervisor."""
