"""Wealth: which products fit a firm's cash path, how much in what until when; and a product's own flows."""
