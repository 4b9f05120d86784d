#!/usr/bin/env python3
"""How fast the postings are found: `bench/search.py`, or `bench/search.py --sizes 1000,10000` for a short run."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.run import main  # noqa: E402  it is found by the line above

sys.exit(main(sys.argv[1:]))
