"""The till: shifts, sales, receipts."""
