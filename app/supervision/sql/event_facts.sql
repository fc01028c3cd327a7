-- Facts of a window for every firm in a role: day by day, those that count and those that could have.
SELECT <COLUMN> AS code, <IDENTITY> AS id, <DAY> AS day, <FLAG> AS counts
FROM <SOURCE>
WHERE <COLUMN> IS NOT NULL AND (<FLAG>) IS NOT NULL AND <DAY> > $since
ORDER BY code, id
