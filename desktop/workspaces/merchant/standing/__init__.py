"""How the shop stands, at the edge of every screen: chips and counts."""
