// An enterprise is asked for by a role as often as by its code alone.
CREATE INDEX platform_code IF NOT EXISTS FOR (n:Platform) ON (n.code);
CREATE INDEX merchant_code IF NOT EXISTS FOR (n:Merchant) ON (n.code);
CREATE INDEX payment_company_code IF NOT EXISTS FOR (n:PaymentCompany) ON (n.code);
CREATE INDEX logistics_company_code IF NOT EXISTS FOR (n:LogisticsCompany) ON (n.code);
CREATE INDEX agent_code IF NOT EXISTS FOR (n:Agent) ON (n.code);
CREATE INDEX warehouse_code IF NOT EXISTS FOR (n:Warehouse) ON (n.code);
