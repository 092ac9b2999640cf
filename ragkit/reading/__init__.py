"""What step 01 stands on: from a path to files, from a file to lines, from lines to text and printed page numbers.

In the order in which a page passes them:

- `find`: from paths to files; `opening`: what a file is, and its password
- `page`: one page's lines, by the modules down to `columns`; `hidden`: what it holds and does not show
- `lines`: a line's text, cleaned; `scripts`: words of scripts without spaces
- `letters`: accents, initials, bullets that a file has in pieces or apart
- `raised`: exponents and the marks of footnotes
- `twice`: what a page has twice at one place
- `forms`: values of fields, ticks, notes and comments
- `tables`: rows of tables, found by `cells` (pieces, columns), `rules` (ruled lines), `evidence` (is it a table?)
- `columns`: reading order
- `ocr`: pages that are pictures
- `file_labels`, `numbers`, `labels`: the labels of all pages; the file's, and the printed ones
- `margins`: the rows near the edges; `tails`, `line_numbers`, `running`: what is taken out of them, as other pages tell
- `hyphens`: words broken at a line's end
- `shortlines`: lists without bullets, verses, addresses; `paragraphs`, `joining`: lines to text
- `report`: what to say of a document

`embeddings_csv` reads what other people's notebooks saved.
"""
