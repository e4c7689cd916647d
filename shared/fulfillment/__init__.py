"""What a location must deliver: pick, pack, ship."""
