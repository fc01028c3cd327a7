-- How many inspections of some days (both included) there are, of known sales or not.
SELECT count(*) AS inspections FROM current_inspections WHERE local_day(inspectedAt) BETWEEN $first AND $last
