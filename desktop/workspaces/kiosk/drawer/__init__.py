"""Asking for money: payment, returns, cash without a sale, the end of a shift."""
