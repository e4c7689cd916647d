"""Command barcodes: the station's keys on paper, for hands that hold a scanner."""
