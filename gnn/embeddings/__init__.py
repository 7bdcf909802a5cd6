"""Embeddings: numbers of a firm, near for firms that trade alike; untrained, renewed each night."""
