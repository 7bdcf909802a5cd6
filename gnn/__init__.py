"""Learning on the graph: embeddings, positions, hidden links, scores (not yet built)."""
