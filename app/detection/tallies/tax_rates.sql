/*
id: tax-rates
meaning: >-
  What customs levies on a code, in 1/10,000 of the dutiable value: the median over the lines of the tax bills (816) of the
  window. A code without enough lines has no rate here, and nothing is concluded about it.
reads: []
parameters:
  - name: bills
    default: 3
    unit: lines of tax bills
    meaning: Lines below which a code has no rate.
    source: The freight of a bill blurs single lines; the median of three is not moved by one.
    holds_from: 2019-01-01
*/
SELECT
    item.gcode, count(*) AS bills,
    quantile_disc(
        whole(round(10000 * (item.customsTax + item.valueAddedTax + item.consumptionTax) / item.taxPrice)), 0.5
    ) AS rate
FROM current_tax_items AS item
JOIN current_taxes AS bill ON bill.invtNo = item.invtNo AND bill.taxNo = item.taxNo
WHERE item.taxPrice > 0
  AND ($since IS NULL OR local_day(bill.returnTime) > $since) AND local_day(bill.returnTime) <= $until
GROUP BY item.gcode
HAVING count(*) >= $bills
ORDER BY item.gcode
