"""What the notebooks and the report draw: pages with passages highlighted, figures, tables, answers.

Every public function but `pipeline_svg` and `place` gives a `Display`, which has two forms: HTML for people,
and a plain text that is the same on every machine, so that nbval can compare it. A picture's plain text is
its alt text, without timings. All text is escaped: markup inside a PDF stays inert. The HTML uses only inline
styles that JupyterLab keeps in a notebook that it does not trust yet, and sets no text colour except on its
own background, so that it reads in light and dark themes.
"""

from ragkit.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__, extra="show")
