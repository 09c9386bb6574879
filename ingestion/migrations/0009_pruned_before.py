"""Know from when on polls are complete.

What was pruned before is known from the audit log only. Where that has an entry, polls are taken
to be complete from its instant on, or from the oldest poll that is there.
"""

from django.db import migrations, models
from django.db.models import Min
from django.utils.dateparse import parse_datetime


def note_earlier_prunes(apps, schema_editor):
    entries = apps.get_model("access", "AuditEntry").objects.filter(what="prune", outcome="done")
    texts = [str(entry.detail.get("before", "")) for entry in entries.iterator()]
    latest = max(filter(None, map(parse_datetime, texts)), default=None)
    if latest is None:
        return
    polls = apps.get_model("ingestion", "Poll").objects
    oldest = polls.aggregate(oldest=Min("polled_at"))["oldest"]
    version, _ = apps.get_model("ingestion", "DataVersion").objects.get_or_create(
        pk=1, defaults={"number": 1}
    )
    version.pruned_before = min(latest, oldest or latest)
    version.save()


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("ingestion", "0008_unfinished_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="dataversion",
            name="pruned_before",
            field=models.DateTimeField(
                help_text="Polls from before this instant were removed.", null=True
            ),
        ),
        migrations.RunPython(note_earlier_prunes, migrations.RunPython.noop),
    ]
