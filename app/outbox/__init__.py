"""The outbox: what is to go out is kept in the transaction that decided it, and delivered afterwards."""
