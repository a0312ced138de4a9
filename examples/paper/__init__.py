"""The figures of the paper, a function for each; `examples/paper_figures.py` draws them."""
