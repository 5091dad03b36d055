"""What people type: dates, values, quick add and filters, in English and German."""
