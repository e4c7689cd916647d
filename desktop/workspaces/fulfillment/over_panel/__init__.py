"""What is said when a parcel is done with."""
