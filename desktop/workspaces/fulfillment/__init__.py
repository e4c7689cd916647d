"""The fulfillment station: pick, pack and ship, scanner in hand."""
