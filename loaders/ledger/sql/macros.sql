-- One day is a day of Asia/Shanghai (UTC+8, no summer time); this is the only expression of it.
CREATE OR REPLACE MACRO local_day(instant) AS CAST(make_timestamp(epoch_us(instant) + 28800000000) AS DATE);
-- Versions are ordered by (appTime, appType); a row without appTime is the oldest of its identity.
CREATE OR REPLACE MACRO version_of(appTime, appType) AS
    coalesce(epoch_us(appTime), -1000000) * 4 + coalesce(appType, 1);
-- A sum may leave the range of DECIMAL(19,5); a document with an absurd amount must not stop the ledger.
-- Without an amount there is none: greatest() alone would pass over a null.
CREATE OR REPLACE MACRO money(amount) AS
    CASE WHEN amount IS NOT NULL
        THEN CAST(least(greatest(amount, -99999999999999.99999), 99999999999999.99999) AS DECIMAL(19, 5)) END;
-- The whole number, and money in 1/100,000 CNY: beyond 64 bits the greatest that fits stands for what an absurd document
-- says, so that it stops nobody's query.
CREATE OR REPLACE MACRO whole(number) AS
    CASE
        WHEN number >= 9223372036854775807 THEN 9223372036854775807
        WHEN number <= -9223372036854775807 THEN -9223372036854775807
        ELSE CAST(number AS BIGINT)
    END;
CREATE OR REPLACE MACRO e5(amount) AS whole(amount * 100000);
CREATE OR REPLACE MACRO is_foreign(currency) AS coalesce(currency <> '142', false);
-- What a line's total differs from price times quantity; both to five places, as the standard writes amounts.
CREATE OR REPLACE MACRO line_gap(total_price, price, qty) AS
    abs(CAST(total_price AS DECIMAL(38, 5)) - CAST(round(CAST(price * qty AS DECIMAL(38, 10)), 5) AS DECIMAL(38, 5)));
-- A sale's bucket: where its row of `transactions` lies.
CREATE OR REPLACE MACRO bucket_of(sale_id) AS CAST(('0x' || substr(md5(sale_id), 1, 2)) AS INTEGER) & 63;
