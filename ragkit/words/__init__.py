"""Pure text, nothing of models: where sentences begin and end, words and their stems, lists of sources."""
