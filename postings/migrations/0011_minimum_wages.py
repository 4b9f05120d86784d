"""Minimum wages of places where they stand above the program's floor. Staff keep them up to date, and say when."""

from decimal import Decimal

from django.db import migrations

SOURCE = (
    "U.S. Department of Labor, https://www.dol.gov/agencies/whd/minimum-wage/state: figures of January 2026, "
    "to be compared before they are relied on."
)
WAGES = [
    ("AZ", "15.15"),
    ("CA", "16.90"),
    ("CO", "15.16"),
    ("CT", "16.94"),
    ("DC", "17.95"),
    ("HI", "16.00"),
    ("ME", "15.10"),
    ("NY", "16.00"),
    ("New York City", "17.00"),
    ("RI", "16.00"),
    ("WA", "17.13"),
]


def add_rows(apps, schema_editor):
    """What staff have entered already stands."""
    floors = apps.get_model("postings", "PayFloor").objects
    for region, hourly in WAGES:
        row = {"hourly": Decimal(hourly), "source": SOURCE}
        floors.get_or_create(country="US", region=region, currency="USD", defaults=row)


class Migration(migrations.Migration):
    dependencies = [("postings", "0010_programs")]

    operations = [migrations.RunPython(add_rows, migrations.RunPython.noop)]
