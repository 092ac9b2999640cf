"""What step 01 stands on: from a path to files, from a file to lines, from lines to text and printed page numbers.

In the order in which a page passes them: `find` (paths to files), `opening` (what a file is), `page`, `lines`,
`scripts`, `columns`, `hidden` and `ocr` (one page's lines, in reading order), `file_labels`, `numbers`, `labels`,
`tails`, `line_numbers`, `running` and `hyphens` (what comparing all pages tells), `paragraphs` and `joining` (lines
to text), `report` (what to say of it). `embeddings_csv` reads what other people's notebooks saved.
"""
