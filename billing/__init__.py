"""Who pays: agreements, charges, invoices and payments. Knows nothing of seats."""
