import datetime as dt

FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=12)
SHORTEST_WAIT = dt.timedelta(seconds=30)
MOST_ATTEMPTS = 14  # a little over two days with these waits


def time_of_next_try(attempts: int, now: dt.datetime, expires: dt.datetime | None) -> dt.datetime | None:
    """Twice as long after each attempt; near the expiry more often rather than not at all; None when it is too near."""
    wait = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
    if expires:
        wait = min(wait, (expires - now) / 2)
    return now + wait if wait >= SHORTEST_WAIT else None
