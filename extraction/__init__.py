"""Documents to facts: readers, validation and the parties behind the names, with where each came from."""
