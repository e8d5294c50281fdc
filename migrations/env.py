"""Runs the migrations over the connection that `app.db.migrate` hands in."""

from alembic import context

from app.db import erasure_models, feedback_models, grant_models, state_models
from app.db.models import Base

connection = context.config.attributes["connection"]
assert (
    erasure_models.Base is grant_models.Base is state_models.Base is feedback_models.Base is Base
)  # imported for its tables
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
