-- Current sales that name one of the codes in `moved_code`, in any part.
SELECT sale_id
FROM transactions
WHERE ebp_code IN (SELECT code FROM moved_code)
    OR ebc_code IN (SELECT code FROM moved_code)
    OR pay_code IN (SELECT code FROM moved_code)
    OR logistics_code IN (SELECT code FROM moved_code)
    OR agent_code IN (SELECT code FROM moved_code)
    OR area_code IN (SELECT code FROM moved_code)
    OR assure_code IN (SELECT code FROM moved_code)
