"""Hiring as a machine of steps that anybody takes at any time, told by topic: each module adds the steps and the truths
of its own to the one before."""

import pytest

for _topic in ("board", "offering", "interviewing", "asking", "cases"):
    pytest.register_assert_rewrite(f"{__name__}.{_topic}")
