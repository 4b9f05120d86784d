from django.http import QueryDict

from postings.actions.moves import search_context_of
from postings.finding import Query, board, find
from postings.models import OpportunityType, Posting
from tests.factories import NOW, make_posting


def posted(title, *, kind="micro-internship", **fields):
    posting = make_posting(title=title, opportunity_type=OpportunityType.objects.get(slug=kind), **fields)
    posting.search_context = search_context_of(posting, labels=posting.labels.all())
    posting.save()
    return posting


def read(address, now=NOW):
    return Query.read(QueryDict(address), board(now))


def found(address, now=NOW, *, campus=True):
    """The titles on the first page."""
    keys = find(read(address, now), board(now), campus=campus).keys
    titles = dict(Posting.objects.filter(pk__in=keys).values_list("pk", "title"))
    return [titles[key] for key in keys]


def searched(text):
    query = QueryDict(mutable=True)
    query["q"] = text
    return found(query.urlencode())
