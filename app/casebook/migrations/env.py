"""Alembic runs inside the transaction that `app.casebook.engine.upgrade` has opened."""

from alembic import context

from app.casebook import (  # noqa: F401  (their tables)
    assessment_models,
    class_models,
    handover_models,
    instruction_models,
    measure_models,
    outbox_models,
    protection_models,
    referral_models,
    rule_life_models,
)
from app.casebook.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
)
with context.begin_transaction():
    context.run_migrations()
