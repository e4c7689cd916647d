"""Taking money: cash, cards, split payment, and the change that goes back."""
