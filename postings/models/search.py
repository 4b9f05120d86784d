"""What search needs beside the postings: words that mean the same, words to mend typos with, what changed."""

from typing import ClassVar

from django.contrib.postgres.indexes import GistIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F


def _two_at_least(words: str) -> None:
    if len([part for part in words.split(",") if part.strip()]) < 2:
        raise ValidationError("Enter at least two, separated by commas.")


class Synonym(models.Model):
    """Whoever types one of these finds the others too."""

    words = models.CharField(
        max_length=200,
        unique=True,
        validators=[_two_at_least],
        help_text="Separate them with commas: “ML, machine learning”. Whoever types one finds all of them.",
    )

    class Meta:
        ordering: ClassVar = ["words"]

    def __str__(self) -> str:
        return self.words


class Word(models.Model):
    """Every word of a title, of skills and of names: what a typo may have meant. Written by a database trigger."""

    word = models.CharField(max_length=60, primary_key=True)

    class Meta:
        indexes: ClassVar = [GistIndex(OpClass(F("word"), name="gist_trgm_ops"), name="word_nearest")]

    def __str__(self) -> str:
        return self.word


class Change(models.Model):
    """Something that lists show has changed: one posting, or rows that any posting may name.

    Database triggers write it in the transaction that changes the thing, whoever does it and however, so that what
    the web processes keep in memory is never older than what they would read (docs/decisions/facets-in-memory.md).
    """

    posting = models.BigIntegerField(null=True)
    transaction = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.transaction}: {self.posting or 'rows'}"
