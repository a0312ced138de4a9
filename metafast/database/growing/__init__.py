"""Growth of a database: seeds, children, their scores, the population."""
