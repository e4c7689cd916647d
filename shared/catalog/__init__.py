"""Products, variants, barcodes and media."""
