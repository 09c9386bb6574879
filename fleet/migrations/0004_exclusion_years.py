"""Exclusions lie in the years that the API takes."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fleet", "0003_exclusions"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="exclusion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("starts_at__isnull", True),
                        models.Q(
                            (
                                "starts_at__gte",
                                datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "starts_at__lt",
                                datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("ends_at__isnull", True),
                        models.Q(
                            (
                                "ends_at__gte",
                                datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                            (
                                "ends_at__lt",
                                datetime.datetime(2200, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("first_date__isnull", True),
                        models.Q(
                            ("first_date__gte", datetime.date(1970, 1, 1)),
                            ("first_date__lte", datetime.date(2199, 12, 31)),
                        ),
                        _connector="OR",
                    ),
                ),
                name="exclusion_years",
            ),
        ),
    ]
