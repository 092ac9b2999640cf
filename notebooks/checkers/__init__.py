"""The checkers of the exercises: each takes a reader's function and says, on one line, how far it is."""

from checkers.document import (
    check_clean_page,
    check_find_page,
    check_lost_tokens,
    check_my_split,
    check_pack_with_overlap,
    check_running_lines,
)
from checkers.prompting import (
    check_both_ends,
    check_fits,
    check_how_many_fit,
    check_leaks,
    check_most_likely,
    check_supporting,
)
from checkers.retrieval import (
    check_bad_rows,
    check_chance,
    check_fuse,
    check_hit_rate,
    check_mean_of_tokens,
    check_mrr,
    check_near_duplicates,
    check_nearest,
    check_word_share,
)
from checkers.shelf import check_cells_to_search, check_recall_of, check_to_do

__all__ = [
    "check_bad_rows",
    "check_both_ends",
    "check_cells_to_search",
    "check_chance",
    "check_clean_page",
    "check_find_page",
    "check_fits",
    "check_fuse",
    "check_hit_rate",
    "check_how_many_fit",
    "check_leaks",
    "check_lost_tokens",
    "check_mean_of_tokens",
    "check_most_likely",
    "check_mrr",
    "check_my_split",
    "check_near_duplicates",
    "check_nearest",
    "check_pack_with_overlap",
    "check_recall_of",
    "check_running_lines",
    "check_supporting",
    "check_to_do",
    "check_word_share",
]
