"""Text of a study of four tiny runs, two of which need more memory than there is."""

STUDY = """\
name = "two sizes"
about = "for the tests"
problem = "bridge"

[grid]
compression = [0.05, 0.1]
refine = [1, 1000]

[parameters]
rows = 1
cols = 3

[design]
kinematics = "linear"
swap_rounds = 0

[units]
compression = "cell widths"
"""
