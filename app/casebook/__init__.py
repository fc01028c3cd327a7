"""The casebook: what was found and decided (SQLite by default, PostgreSQL where several people work)."""
