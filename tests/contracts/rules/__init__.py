"""House rules that no off-the-shelf tool knows, as checks of syntax trees."""
