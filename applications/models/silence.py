from postings.models import Posting


class SilentPosting(Posting):
    """A posting as staff look at it who care for those that nobody answers."""

    class Meta:
        proxy = True
        verbose_name = "posting with silent applications"
        verbose_name_plural = "postings with silent applications"
