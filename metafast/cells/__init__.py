"""Binary pixel cells: mirror symmetry, packing to bits, repair, paths through their solid."""
