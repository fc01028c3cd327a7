-- What was refused, and the load that brought another file of the same name later: most likely the corrected one.
SELECT r.*, min(f.load_seq) AS replaced_in
FROM all_rejects AS r
LEFT JOIN files AS f ON r.file_name = f.name AND r.file_id <> f.file_id AND r.load_seq < f.load_seq
GROUP BY ALL
