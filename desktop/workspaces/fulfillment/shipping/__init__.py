"""The last step of a parcel: its hand-over to a carrier."""
