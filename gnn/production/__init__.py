"""Which product is made of which, learned from who buys what before selling what."""
