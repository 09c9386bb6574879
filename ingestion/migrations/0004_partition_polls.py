"""Cut the poll table by week and blocks of stores on PostgreSQL; SQLite keeps the plain table.

Both ways move the rows that are there, which takes as long as loading them did.
"""

import numpy as np
from django.db import migrations

from fleet.polls import partitions

# Every statement names what it makes, so that the way back finds the names of 0001 again.
PARTITIONED = """
    ALTER TABLE ingestion_poll RENAME TO ingestion_poll_before;
    ALTER INDEX ingestion_poll_pkey RENAME TO ingestion_poll_before_pkey;
    CREATE TABLE ingestion_poll (LIKE ingestion_poll_before INCLUDING CONSTRAINTS)
        PARTITION BY RANGE (polled_at);
    ALTER TABLE ingestion_poll ADD PRIMARY KEY (polled_at, store_key);
"""
PLAIN = """
    ALTER TABLE ingestion_poll RENAME TO ingestion_poll_before;
    ALTER INDEX ingestion_poll_pkey RENAME TO ingestion_poll_before_pkey;
    CREATE TABLE ingestion_poll (LIKE ingestion_poll_before INCLUDING CONSTRAINTS);
    ALTER TABLE ingestion_poll ADD PRIMARY KEY (polled_at, store_key);
"""
MOVE = """
    INSERT INTO ingestion_poll (polled_at, store_key, status)
        SELECT polled_at, store_key, status FROM ingestion_poll_before ORDER BY 1, 2;
    DROP TABLE ingestion_poll_before;
"""
WEEKS_AND_BLOCKS = """
    SELECT DISTINCT (extract(epoch FROM date_trunc('week', polled_at, 'UTC')) * 1000000)::bigint,
        store_key / %s * %s
    FROM ingestion_poll_before
"""


def partition(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(PARTITIONED)
        size = partitions.STORES_IN_BLOCK
        cursor.execute(WEEKS_AND_BLOCKS, [size, size])
        needed = cursor.fetchall()
        if needed:
            partitions.make_room(*np.array(needed, dtype=np.int64).T)
        cursor.execute(MOVE)


def join(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(PLAIN)
        cursor.execute(MOVE)


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0003_poll_records")]
    operations = [migrations.RunPython(partition, join)]
