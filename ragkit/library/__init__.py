"""A library: more PDFs than an `Index` in memory should hold, as a LanceDB table on a disk or an object store.

`add(folder, open_library())` reads, chunks and embeds what is new in a folder, here or on a Ray cluster;
`near(question, library)` gives an `Index` of the rows nearest to a question, which all that takes an index works on.
"""

from ragkit.lazy import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__, __file__)
