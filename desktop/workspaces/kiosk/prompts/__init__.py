"""Short questions over the till: quantity, discount, price, note, cash, approval."""
