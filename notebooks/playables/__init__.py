"""Drawings to be played with: plain JavaScript over numbers in the page; without it, the drawing is there."""

from playables.bench import retrieval_bench

__all__ = ["retrieval_bench"]
