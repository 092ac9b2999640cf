"""How fast ragkit is beside the tutorial's way, and beside other libraries: `make bench`, `make bench-peers`.

Each side runs in a process of its own (`side`), does the same things (`steps`), and takes turns with the others
(`rounds`), because other programs share the machine. `rows` says what is measured, `machine` how fast it could be.
"""
