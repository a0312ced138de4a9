"""Services of every stage: checks, files, compilation, memory, progress, cluster, solver."""
