"""What the product knows at birth: industry chains, places, tax categories, and a synthetic economy."""
