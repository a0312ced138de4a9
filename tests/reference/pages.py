"""Pages of HTML as a browser reads them: what they load, their sections, their figures."""

import json
import re
from base64 import b64decode
from html.parser import HTMLParser

import numpy as np

LOADING = {"src", "href", "srcset", "data", "action", "poster", "xlink:href", "background"}
WITHIN = ("data:", "#")


class Page(HTMLParser):
    """Elements of a page.

    Attributes
    ----------
    loaded : list of str
        Addresses in attributes from which a browser would load or to which it would go, without
        those within the page.
    identifiers : list of str
    pictures : list of dict
        Attributes of each ``img``.
    styles, script : str
    """

    def __init__(self, text):
        super().__init__()
        self.loaded, self.identifiers, self.pictures = [], [], []
        self.styles, self.script, self._open = "", "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.loaded += [
            given[name]
            for name in LOADING & set(given)
            if not (given[name] or "").startswith(WITHIN)
        ]
        if "id" in given:
            self.identifiers.append(given["id"])
        if tag == "img":
            self.pictures.append(given)
        self._open = tag

    def handle_data(self, data):
        if self._open == "style":
            self.styles += data
        elif self._open == "script":
            self.script += data

    def handle_endtag(self, tag):
        self._open = ""


def require_nothing_from_outside(text):
    page = Page(text)
    assert not page.loaded
    assert not re.search(r"url\(|@import", page.styles)
    assert "default-src 'none'" in text  # the browser refuses all but what is in the page


def figure_of(text, name):
    """Data and layout of plotly's figure in the element of that identifier."""
    start = re.search(rf'Plotly\.newPlot\(\s*"{name}",\s*', text).end()
    data, end = json.JSONDecoder().raw_decode(text, start)
    comma = re.compile(r"\s*,\s*").match(text, end)
    return data, json.JSONDecoder().raw_decode(text, comma.end())[0]


def frames_of(text, name):
    """Frames of plotly's figure in the element of that identifier."""
    start = re.search(rf"Plotly\.addFrames\(\s*'{name}',\s*", text).end()
    return json.JSONDecoder().raw_decode(text, start)[0]


def numbers(values):
    """Numbers of plotly's JSON: a list, or an array in base 64."""
    if isinstance(values, dict):
        shape = [int(side) for side in values.get("shape", "-1").split(",")]
        return np.frombuffer(b64decode(values["bdata"]), values["dtype"]).reshape(shape)
    return np.array(values, float)
