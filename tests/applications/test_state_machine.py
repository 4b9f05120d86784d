"""Anybody does anything at any time: what the tables forbid does not happen, what is refused changes nothing, and the
posting, its applications, interviews, offers, requests, cases and mails agree with one another after every step.

`bin/test --long tests/applications/test_state_machine.py` is 300 runs of 40 steps.
"""

import pytest
from hypothesis import Phase
from hypothesis import settings as current
from hypothesis.stateful import run_state_machine_as_test

from tests.applications.hiring.cases import Hiring

# In 300 stories each of these comes to pass twenty times and more; what else there is may be absent from one run.
OFTEN = {
    *("submit", "start_again", "withdraw", "not_select", "waive", "suspend", "reinstate", "close"),
    *("interview", "pick", "refuse_times", "cancel", "change_place"),
    *("offer", "accept", "extend", "rescind", "ask_talk", "record_talk", "ask_going_back", "look"),
}


@pytest.mark.django_db
def test_whatever_anybody_does(settings, tmp_path, request, at_length):
    settings.MEDIA_ROOT = tmp_path
    Hiring.done.clear()
    # To look for a shorter story that fails alike may take minutes; the one that failed is printed.
    steps = current(max_examples=at_length(8, 300), stateful_step_count=40, phases=[Phase.generate])
    run_state_machine_as_test(Hiring, settings=steps)
    if request.config.getoption("--long"):
        assert OFTEN - set(Hiring.done) == set()
