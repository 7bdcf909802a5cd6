"""Hidden links: who may supply whom though no book shows it, how likely it is, and what speaks for it."""
