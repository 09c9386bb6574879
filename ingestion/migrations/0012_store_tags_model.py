"""Give the rows between stores and tags a model, and models managers that raise the version.

Nothing changes in the database.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0011_last_polls_in_place")]

    operations = [
        migrations.AlterModelOptions(
            name="businesshours",
            options={
                "base_manager_name": "objects",
                "ordering": ["store", "weekday", "opens", "closes"],
                "verbose_name_plural": "business hours",
            },
        ),
        migrations.AlterModelOptions(name="poll", options={"base_manager_name": "objects"}),
        migrations.AlterModelOptions(
            name="store", options={"base_manager_name": "objects", "ordering": ["store_id"]}
        ),
        migrations.AlterModelOptions(
            name="tag", options={"base_manager_name": "objects", "ordering": ["name"]}
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="StoreTag",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="ingestion.store",
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="ingestion.tag",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "ingestion_store_tags",
                        "default_permissions": (),
                        "base_manager_name": "objects",
                        "unique_together": {("store", "tag")},
                    },
                ),
                migrations.AlterField(
                    model_name="store",
                    name="tags",
                    field=models.ManyToManyField(
                        blank=True,
                        related_name="stores",
                        through="ingestion.StoreTag",
                        to="ingestion.tag",
                    ),
                ),
            ]
        ),
    ]
