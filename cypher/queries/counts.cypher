// How many nodes there are of the main labels (count store: nothing is walked).
RETURN {Transaction: COUNT { (:Transaction) },
        Consumer: COUNT { (:Consumer) },
        Platform: COUNT { (:Platform) },
        PaymentCompany: COUNT { (:PaymentCompany) },
        LogisticsCompany: COUNT { (:LogisticsCompany) },
        Agent: COUNT { (:Agent) },
        Phone: COUNT { (:Phone) },
        Address: COUNT { (:Address) },
        Community: COUNT { (:Community) },
        Finding: COUNT { (:Finding) }} AS counts
