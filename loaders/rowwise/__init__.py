"""The ledger's SQL over a few rows at hand, without a database: for answers that cannot wait for one.

DuckDB is made for many rows: before it looks at the first, a statement of ours costs it milliseconds. Here
the same text is read once (by sqlglot) into functions of rows, and a sale costs a fraction of one. What the
texts do not use is not understood, and refused when a statement is read; tests hold the values against
DuckDB.
"""
