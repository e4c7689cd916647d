"""One parcel on its way: pick, pack, ship."""
