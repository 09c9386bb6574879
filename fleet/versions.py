"""The version of the data: a number that every change raises, in the same transaction.

Code that sees the same number before and after reading has read exactly that version. So two
reports can be known to use the same data without comparing it. Bulk writes that bypass the models
call ``raise_version`` themselves.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import connection, models, transaction

ModelT = TypeVar("ModelT", bound=models.Model)


class DataVersion(models.Model):
    """One row; none until something is stored."""

    number = models.BigIntegerField()
    # Here because a prune raises the number in the same transaction.
    pruned_before = models.DateTimeField(
        null=True, help_text="Polls from before this instant were removed."
    )

    class Meta:
        db_table = "ingestion_dataversion"
        constraints = [
            models.CheckConstraint(name="data_version_only_row", condition=models.Q(pk=1)),
        ]
        default_permissions = ()

    def __str__(self) -> str:
        return f"data version {self.number}"


def current_version() -> int:
    """Return the version of the committed data; 0 if there is none."""
    return DataVersion.objects.values_list("number", flat=True).first() or 0


def raise_version() -> None:
    """Record that the data has changed. Other changes wait for the end of this transaction."""
    table = DataVersion._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, number) VALUES (1, 1)"  # noqa: S608 - a constant # nosec B608
            f" ON CONFLICT (id) DO UPDATE SET number = {table}.number + 1"
        )


class VersionedQuerySet(models.QuerySet[ModelT]):
    """Raises the version with every change made through it."""

    def bulk_create(self, objs: Iterable[ModelT], *args: Any, **kwargs: Any) -> list[ModelT]:
        with transaction.atomic():
            created = super().bulk_create(objs, *args, **kwargs)
            if created:
                raise_version()
        return created

    def update(self, **kwargs: Any) -> int:
        """Change rows and return how many."""
        with transaction.atomic():
            count = super().update(**kwargs)
            if count:
                raise_version()
        return count

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows and their dependents."""
        with transaction.atomic():
            deleted = super().delete()
            if deleted[0]:
                raise_version()
        return deleted

    # As on Django's own methods: templates may call neither, and managers have no ``delete``.
    update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Versioned(models.Model):
    """A row that reports are computed from; its ``objects`` are a ``VersionedQuerySet``."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            raise_version()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row and its dependents."""
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            raise_version()
        return deleted


def raise_version_of_fixtures(*, raw: bool, **_: Any) -> None:
    """Receive ``post_save``: ``loaddata`` writes rows without calling ``save``."""
    if raw:
        raise_version()
