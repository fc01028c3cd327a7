/*
id: register-attributes
meaning: >-
  What the register says of each enterprise that another may say of itself too: legal person (only with a number, namesakes
  are not one person), bank account, telephone, registered address, website, IP address, licence. What an enterprise has
  from its domestic agent (the agent's address and telephone) is not its own, and left out.
reads: []
parameters: []
*/
WITH registered AS (
    SELECT coalesce(code_map.canonical, firm.code) AS enterprise, coalesce(of_agent.canonical, domesticAgent) AS agent, firm.*
    FROM current_enterprises AS firm
    LEFT JOIN code_map ON code_map.code = firm.code
    LEFT JOIN code_map AS of_agent ON of_agent.code = firm.domesticAgent
),
attribute AS (
    SELECT enterprise, agent, 'legal person' AS kind, legalRepresentativeId_key AS value FROM registered
    UNION ALL SELECT enterprise, agent, 'bank account', bankAccount_key FROM registered
    UNION ALL SELECT enterprise, agent, 'telephone', telephone_key FROM registered
    UNION ALL SELECT enterprise, agent, 'address', registeredAddress_key FROM registered
    UNION ALL SELECT enterprise, agent, 'website', lower(siteDomain) FROM registered
    UNION ALL SELECT enterprise, agent, 'ip address', ipAddress FROM registered
    UNION ALL SELECT enterprise, agent, 'licence', icpLicence FROM registered
    UNION ALL SELECT enterprise, agent, 'licence', paymentLicence FROM registered
)
SELECT DISTINCT own.enterprise, own.kind, own.value
FROM attribute AS own
ANTI JOIN attribute AS agents ON agents.enterprise = own.agent AND agents.kind = own.kind AND agents.value = own.value
WHERE own.value IS NOT NULL
ORDER BY own.enterprise, own.kind, own.value
