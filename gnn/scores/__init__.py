"""Importance and dependence of firms in their chains, momentum of segments; numbers with their reasons."""
