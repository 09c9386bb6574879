"""Partitions of polls that are cut off from their table, or gone although stores have polls there.

A prune that was killed leaves detached weeks, and people detach and drop tables by hand.
"""

from django.db import connection, transaction

from fleet.extent import pruned_before
from fleet.polls import partitions
from fleet.polls.dropping import drop_week
from fleet.polls.partitions import Leaf, Week
from fleet.versions import raise_version


def loose_weeks() -> list[Week]:
    """Return the weeks that are detached or half detached, oldest first."""
    attached = set(partitions.attached_weeks())
    return [week for week in partitions.existing_weeks() if week not in attached]


def loose_leaves() -> list[Leaf]:
    """Return the leaves that are detached from their week, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid"
            " WHERE c.relkind = 'r' AND c.relname ~ %s AND pg_table_is_visible(c.oid)"
            " AND i.inhrelid IS NULL",
            [rf"^{partitions.TABLE}_\d{{8}}_\d+$"],
        )
        return sorted(partitions.leaf_of(table) for (table,) in cursor.fetchall())


def lost_leaves() -> list[Leaf]:
    """Return the leaves with the last poll of a store that do not exist, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT to_char(date_trunc('week', last_polled_at AT TIME ZONE 'UTC'),"
            " 'YYYYMMDD'), store_key / %s FROM ingestion_store WHERE last_polled_at IS NOT NULL",
            [partitions.STORES_IN_BLOCK],
        )
        tables = (f"{partitions.TABLE}_{week}_{block}" for week, block in cursor.fetchall())
        leaves = sorted(map(partitions.leaf_of, tables))
        names = [leaf.table for leaf in leaves]
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", [names])
        there = {name for (name,) in cursor.fetchall()}
    return [leaf for leaf in leaves if leaf.table not in there]


def mend() -> list[str]:
    """Attach what is cut off, finish what a prune has begun, and return what was done.

    Not inside a transaction.
    """
    before, done = pruned_before(), []
    for week in loose_weeks():
        if before and week.end <= before:
            drop_week(week)
            done.append(f"dropped {week.table}, whose prune was cut short")
        else:
            with transaction.atomic():
                partitions.lock()
                partitions.attach_week(week)
                raise_version()
            done.append(f"attached {week.table}")
    for leaf in loose_leaves():
        with transaction.atomic():
            partitions.lock()
            if partitions.link(leaf.week) != "attached":
                partitions.attach_week(leaf.week)
            partitions.attach(leaf)
            raise_version()
        done.append(f"attached {leaf.table}")
    return done
