"""Words of a figure where they were drawn: their boxes, overlaps, and those outside the paper."""

from itertools import combinations
from unittest import mock

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

_TOUCH = 1.0  # pixels by which boxes may run into each other, the size of rounding


def drawn_words(figure):
    """Text and box (in pixels) of every text that drawing puts on the paper."""
    found, draw = [], Text.draw

    def record(self, renderer, *rest, **options):
        draw(self, renderer, *rest, **options)
        if self.get_visible() and self.get_text().strip():
            found.append((self.get_text(), self.get_window_extent(renderer)))

    with mock.patch.object(Text, "draw", record):
        FigureCanvasAgg(figure).draw()
    return found


def overlaps(words):
    """Pairs of drawn texts whose boxes overlap."""
    return [
        (one, other)
        for (one, a), (other, b) in combinations(words, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > _TOUCH and min(a.y1, b.y1) - max(a.y0, b.y0) > _TOUCH
    ]


def outside(words, paper):
    """Drawn texts that stick out of the paper, the box of the figure."""
    return [
        text
        for text, box in words
        if min(box.x0 - paper.x0, paper.x1 - box.x1, box.y0 - paper.y0, paper.y1 - box.y1) < -_TOUCH
    ]
