"""The table of precisions: `python -m tests.postings.relevance`."""

import sys

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(["-s", "-q", "-p", "no:randomly", "tests/postings/relevance"]))
