-- What the ledger holds, in one row. Instants are UTC.
SELECT
    (SELECT count(*) FROM loads) AS loads,
    (SELECT max("at") FROM loads) AS last_load_at,
    (SELECT count(DISTINCT file_id) FROM files) AS files,
    (SELECT count(*) FROM rejects) AS rejects,
    (SELECT count(*) FROM transactions) AS sales,
    (SELECT min(first_date) FROM transactions) AS first_day,
    (SELECT max(last_date) FROM transactions) AS last_day
