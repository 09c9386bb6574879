"""An e-mail may be a digest, made from the targets and the outages of the period."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def send_links_instead(apps, schema_editor):
    schedules = apps.get_model("schedules", "Schedule").objects
    digests = schedules.using(schema_editor.connection.alias).filter(mail_as="digest")
    digests.update(mail_as="link", mail_when_fine=False)


def of_digest():
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to="reports.report",
    )


class Migration(migrations.Migration):
    dependencies = [("reports", "0015_stamp"), ("schedules", "0005_poller_outages")]

    operations = [
        migrations.AddField("scheduledrun", "targets_report", of_digest()),
        migrations.AddField("scheduledrun", "outages_report", of_digest()),
        migrations.AddField(
            model_name="schedule",
            name="mail_when_fine",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Send a digest also if nothing is bad.",
            ),
        ),
        migrations.RemoveConstraint(model_name="schedule", name="schedule_mail_as_known"),
        migrations.AlterField(
            model_name="schedule",
            name="mail_as",
            field=models.CharField(
                choices=[("link", "Link"), ("attachment", "Attachment"), ("digest", "Digest")],
                default="link",
                help_text="A digest lists targets not on track and outages, the worst first.",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=Q(mail_as__in=["link", "attachment", "digest"]),
                name="schedule_mail_as_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=Q(mail_as="digest") | Q(mail_when_fine=False),
                name="schedule_mail_when_fine_of_digest",
                violation_error_message="Only a digest can be sent when nothing is bad.",
            ),
        ),
        # Backwards this comes first: the constraint of before knows no digest.
        migrations.RunPython(migrations.RunPython.noop, send_links_instead),
    ]
