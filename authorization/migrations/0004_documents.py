import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields

# What the shipped steps leave in somebody's hands. Staff edit the rows.
DOCUMENTS = {
    "Have the offer letter ready": "Offer letter",
    "New I-20, endorsed for this employer and these dates": "I-20",
    "Receive the new I-20 with the recommendation": "I-20",
    "Receive the receipt notice": "Receipt notice",
    "EAD in hand and its start date reached": "EAD",
    "Authorization letter and DS-2019": "Authorization letter and DS-2019 (one file)",
    "The status document for this employer": "Status document",
}


def name_documents(apps, schema_editor):
    RouteStep = apps.get_model("authorization", "RouteStep")
    for name, document in DOCUMENTS.items():
        RouteStep.objects.filter(name=name).update(document=document)


class Migration(migrations.Migration):

    dependencies = [
        ("authorization", "0003_hours"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="routestep",
            name="document",
            field=models.CharField(blank=True, help_text="What the student may upload at this step, for example I-20. Empty: nothing.", max_length=80),
        ),
        migrations.CreateModel(
            name="AuthorizationDocument",
            fields=[
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("added_at", models.DateTimeField()),
                ("step", core.fields.EncryptedTextField()),
                ("title", core.fields.EncryptedTextField()),
                ("file_name", core.fields.EncryptedTextField()),
                ("content_type", core.fields.EncryptedTextField()),
                ("content", core.fields.EncryptedTextField()),
                ("record", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="authorization.authorizationrecord")),
            ],
            options={
                "ordering": ["added_at", "uuid"],
            },
        ),
        migrations.CreateModel(
            name="DocumentOpening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("what", core.fields.EncryptedTextField()),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("record", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="openings", to="authorization.authorizationrecord")),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.RunPython(name_documents, migrations.RunPython.noop),
    ]
