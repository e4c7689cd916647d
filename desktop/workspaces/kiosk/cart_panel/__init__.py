"""The right side of the till: customer, lines, totals, and the button that begins payment."""
