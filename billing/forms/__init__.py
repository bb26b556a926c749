"""The shape of input: filters, payments, agreements, purchase orders, payers and payees."""
