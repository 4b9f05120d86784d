from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models
from django.db.models import TextField, Value
from django.db.models.functions import Cast

from core.fields import EncryptedTextField, rotate

AT_ONCE = 20  # a value may be a file of megabytes


class Command(BaseCommand):
    help = "Write every encrypted value again under the first of FIELD_ENCRYPTION_KEYS. Safe to stop and to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        for model, field in encrypted_columns():
            self.stdout.write(f"{model._meta.label}.{field}: {reencrypt(model, field)} values")


def encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field.name


def reencrypt(model: type[models.Model], field: str) -> int:
    # Cast reads the ciphertext itself; a row somebody saved meanwhile no longer matches `stored` and is current.
    rows = model._base_manager.annotate(stored=Cast(field, TextField()))
    written = 0
    for pk, token in rows.exclude(stored=None).values_list("pk", "stored").iterator(chunk_size=AT_ONCE):
        fresh = Value(rotate(token), output_field=TextField())
        written += rows.filter(pk=pk, stored=token).update(**{field: fresh})
    return written
