"""Search, facets with their counts, sorting and pages: from the address of a list to the postings on it."""

from postings.finding.finder import Found, find, matching, newest
from postings.finding.index import Board, board, forget
from postings.finding.query import Query

__all__ = ["Board", "Found", "Query", "board", "find", "forget", "matching", "newest"]
