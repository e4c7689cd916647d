"""Kills, cuts, repeats, reorderings and clock jumps."""
