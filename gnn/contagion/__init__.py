"""What happens if a firm stops or pays late: who runs short, when, by how much, along which paths."""
