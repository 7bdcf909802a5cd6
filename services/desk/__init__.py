"""What the pages ask for at a desk: tables of enterprises, what changed, and pieces of the graph."""
