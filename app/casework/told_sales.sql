-- The sales that findings speak of: finding, sale_id, merchant, last_date, invt_no. `about` says whom each finding is about
-- (finding, kind, key), and of an agent also the merchant for whom it declares, where the finding is about the two together
-- (beside, else null). Only sales after $since, where it is given, and only those in `among`, where $among. Reads `every_sale`.
WITH party AS (
    SELECT
        sale_id, merchant, last_date, invt_no,
        unnest([
            {'kind': 'Transaction', 'key': sale_id},
            {'kind': 'Platform', 'key': platform},
            {'kind': 'Merchant', 'key': merchant},
            {'kind': 'Agent', 'key': agent},
            {'kind': 'PaymentCompany', 'key': company},
            {'kind': 'LogisticsCompany', 'key': carrier},
            {'kind': 'BusinessSite', 'key': site_code},
            {'kind': 'Consumer', 'key': consumer_key},
            {'kind': 'Consumer', 'key': declared_consumer_key},
            {'kind': 'Address', 'key': address_key},
            {'kind': 'Phone', 'key': buyer_phone_key},
            {'kind': 'Phone', 'key': payer_phone_key},
            {'kind': 'Phone', 'key': consignee_phone_key},
            {'kind': 'Sender', 'key': order_sender},
            {'kind': 'Sender', 'key': payment_sender},
            {'kind': 'Sender', 'key': waybill_sender},
            {'kind': 'Sender', 'key': inventory_sender}
        ]) AS party
    FROM every_sale
    WHERE ($since IS NULL OR last_date > $since) AND (NOT $among OR sale_id IN (SELECT sale_id FROM among))
)
SELECT DISTINCT about.finding, sale_id, merchant, last_date, invt_no
FROM party
JOIN about ON about.kind = party.kind AND about.key = party.key
WHERE beside IS NULL OR beside = merchant
