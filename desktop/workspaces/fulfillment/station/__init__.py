"""The station itself: where it stands, and which parcel lies on it."""
