"""Growth of a database: seeds, perturbation, selection of parents and children (section 3.2)."""
