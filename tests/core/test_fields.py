import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection, models
from django.db.models import TextField
from django.db.models.functions import Cast
from django.test.utils import isolate_apps

from core.fields import EncryptedTextField, UnreadableValueError

CANARY = "canary-in-the-visa-office"


with isolate_apps("core"):

    class Secret(models.Model):
        text = EncryptedTextField(null=True)
        name = models.CharField(max_length=10, default="plain")

        class Meta:
            app_label = "core"

        def __str__(self):
            return str(self.pk)


@pytest.fixture
def secrets(db):
    with connection.schema_editor() as editor:
        editor.create_model(Secret)
    return Secret.objects


@pytest.fixture
def new_key(settings):
    """A second key, and a way to say which keys are known."""
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()

    def use(*names):
        settings.FIELD_ENCRYPTION_KEYS = [{"old": old, "new": new}[name] for name in names]

    use("old")
    return use


def stored(pk):
    return Secret.objects.annotate(raw=Cast("text", TextField())).values_list("raw", flat=True).get(pk=pk)


@pytest.mark.parametrize("text", [CANARY, "", "日本語 🙂\n", "gAAAA-not-a-token", None])
def test_reads_what_was_written(secrets, text):
    assert secrets.get(pk=secrets.create(text=text).pk).text == text


def test_the_database_holds_ciphertext_alone(secrets):
    secret = secrets.create(text=CANARY)
    assert CANARY not in stored(secret.pk)
    assert stored(secret.pk).startswith("gAAAA")


def test_equal_texts_are_stored_differently(secrets):
    assert stored(secrets.create(text=CANARY).pk) != stored(secrets.create(text=CANARY).pk)


def test_bulk_writes_are_encrypted_too(secrets):
    first, second = secrets.bulk_create([Secret(text="a"), Secret(text="b")])
    first.text = CANARY
    secrets.bulk_update([first], ["text"])
    secrets.filter(pk=second.pk).update(text=CANARY)
    assert {CANARY in stored(secret.pk) for secret in (first, second)} == {False}
    assert list(secrets.values_list("text", flat=True)) == [CANARY, CANARY]


def test_a_wrong_key_raises_and_leaves_the_value_alone(secrets, new_key):
    secret = secrets.create(text=CANARY)
    before = stored(secret.pk)
    new_key("new")
    with pytest.raises(UnreadableValueError, match="no key of FIELD_ENCRYPTION_KEYS opens"):
        secrets.get(pk=secret.pk)
    secrets.defer("text").get(pk=secret.pk).save()
    assert stored(secret.pk) == before
    new_key("old")
    assert secrets.get(pk=secret.pk).text == CANARY


def test_a_tampered_value_raises(secrets):
    secret = secrets.create(text=CANARY)
    token = stored(secret.pk)
    tampered = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]  # not at the end: there are idle bits
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_secret SET text = %s", [tampered])
    with pytest.raises(UnreadableValueError):
        secrets.get(pk=secret.pk)


def test_plain_text_written_past_the_field_raises(secrets):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_secret (text, name) VALUES ('plain', '')")
    with pytest.raises(UnreadableValueError):
        secrets.get()


def test_rotation_reads_the_old_key_and_writes_the_new(secrets, new_key, monkeypatch, capsys):
    monkeypatch.setattr("core.management.commands.reencrypt.encrypted_columns", lambda: [(Secret, "text")])
    secret, empty = secrets.create(text=CANARY), secrets.create(text=None)
    new_key("new", "old")
    assert secrets.get(pk=secret.pk).text == CANARY
    call_command("reencrypt")
    assert capsys.readouterr().out == "core.Secret.text: 1 values\n"
    new_key("new")
    assert [secrets.get(pk=secret.pk).text, secrets.get(pk=empty.pk).text] == [CANARY, None]
    new_key("old")
    with pytest.raises(UnreadableValueError):
        secrets.get(pk=secret.pk)


def test_isnull_is_the_only_lookup(secrets):
    secrets.create(text=CANARY)
    assert [secrets.filter(text__isnull=True).count(), secrets.filter(text__isnull=False).count()] == [0, 1]
    for lookup in ("text", "text__exact", "text__in", "text__contains", "text__gt", "text__length"):
        with pytest.raises(FieldError):
            list(secrets.filter(**{lookup: [CANARY] if lookup.endswith("in") else CANARY}))


def test_it_is_not_exported(secrets):
    secret = secrets.create(text=CANARY)
    with pytest.raises(TypeError, match="is encrypted and is not exported"):
        Secret._meta.get_field("text").value_to_string(secret)


@pytest.mark.parametrize("options", [{"unique": True}, {"db_index": True}])
def test_an_index_over_ciphertext_is_an_error(options):
    field = EncryptedTextField(**options)
    field.set_attributes_from_name("text")
    field.model = Secret
    assert [error.msg for error in field.check() if "encrypted" in error.msg] == [
        "An encrypted column cannot be unique, indexed or a key."
    ]
