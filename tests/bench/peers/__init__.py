"""Other libraries, each used as its documentation shows first; what they have in common: `bench.steps`."""
