-- When the waybills of a sale were signed for, and which store took the goods in. A number is used again after 183
-- days, so that a status or a receipt farther away belongs to another parcel.
WITH parcels AS (
    SELECT DISTINCT sale_id, logisticsCode, logisticsNo, local_day(appTime) AS day
    FROM sale_waybills
    WHERE sale_id IS NOT NULL
),
signed AS (
    SELECT p.sale_id, min(s.logisticsTime) AS sign_time
    FROM parcels AS p
    JOIN current_waybill_status AS s ON p.logisticsCode = s.logisticsCode AND p.logisticsNo = s.logisticsNo
    WHERE s.logisticsStatus = 'S'
      AND coalesce(abs(date_diff('day', p.day, local_day(s.logisticsTime))) <= 183, true)
    GROUP BY p.sale_id
),
stored AS (
    SELECT p.sale_id, min(d.operatorCode) AS operator_code
    FROM parcels AS p
    JOIN current_deliveries AS d ON p.logisticsCode = d.logisticsCode AND p.logisticsNo = d.logisticsNo
    WHERE coalesce(abs(date_diff('day', p.day, local_day(d.appTime))) <= 183, true)
    GROUP BY p.sale_id
)
SELECT coalesce(s.sale_id, t.sale_id) AS sale_id, s.sign_time, t.operator_code
FROM signed AS s
FULL JOIN stored AS t ON s.sale_id = t.sale_id
