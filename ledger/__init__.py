"""Facts and state: record types, append-only tables, ids, names, words and the error tree."""
