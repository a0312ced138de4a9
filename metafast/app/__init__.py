"""A page in the browser to design in, to look at cells and to walk through the latent space.

``metafast app`` serves it to this machine alone. It needs the extra ``app`` (panel and bokeh),
which is imported when the page is served.
"""
