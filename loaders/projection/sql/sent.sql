-- Who transmits which document of each sale.
SELECT platform, 'order' AS document, order_sender AS sender, amount, first_date, last_date FROM sale
UNION ALL
SELECT platform, 'payment', payment_sender, amount, first_date, last_date FROM sale
UNION ALL
SELECT platform, 'waybill', waybill_sender, amount, first_date, last_date FROM sale
UNION ALL
SELECT platform, 'inventory', inventory_sender, amount, first_date, last_date FROM sale
