"""Drawings to be played with: plain JavaScript over numbers in the page; without it, the drawing is there."""

from playables.bench import retrieval_bench
from playables.sliders import budget_slider, chunk_slider, probes_slider, temperature_dial

__all__ = ["budget_slider", "chunk_slider", "probes_slider", "retrieval_bench", "temperature_dial"]
