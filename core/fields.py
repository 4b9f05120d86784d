"""A text column that the database, its backups and its logs hold only as ciphertext."""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core import checks
from django.db import models
from django.db.models.lookups import IsNull, Lookup


class UnreadableValueError(Exception):
    """None of FIELD_ENCRYPTION_KEYS opens a stored value."""


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # takes its parameters in the stubs alone
    """Encrypted with the first of FIELD_ENCRYPTION_KEYS, read with any of them.

    To rotate: put a new key first, run `manage.py reencrypt`, take the old key away. A value that no key opens
    raises while its row is read, so it can be neither shown as garbage nor saved over. It cannot be searched,
    indexed or exported: the only lookup is `isnull`.
    """

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if value is None:
            return None
        try:
            return _cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            raise UnreadableValueError(f"{self} holds a value that no key of FIELD_ENCRYPTION_KEYS opens.") from None

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return None if value is None else _cipher().encrypt(str(value).encode()).decode()

    def get_lookup(self, lookup_name: str) -> "type[Lookup[Any]] | None":
        return IsNull if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> None:
        return None

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self} is encrypted and is not exported; back the database up with pg_dump.")

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        wrong = self.unique or self.db_index or self.primary_key  # type: ignore[attr-defined]
        errors = [checks.Error("An encrypted column cannot be unique, indexed or a key.", obj=self)] if wrong else []
        return [*super().check(**kwargs), *errors]


def rotate(token: str) -> str:
    """The same value under the first key."""
    return _cipher().rotate(token.encode()).decode()


def _cipher() -> MultiFernet:
    return _cipher_for(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _cipher_for(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
