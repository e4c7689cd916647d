"""The kit of parts every screen is built from; it knows no slice of the business."""
