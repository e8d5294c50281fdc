"""Runs the migrations over the connection that `app.db.migrate` hands in."""

from alembic import context

from app.db import models
from app.db.models import Base

connection = context.config.attributes["connection"]
assert models.Base is models.Base is models.Base is models.Base is Base  # imported for its tables
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
