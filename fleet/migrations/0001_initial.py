"""Take over the models of the data from ``ingestion``: their tables stay as and where they are.

No table is touched and no row copied. ``ingestion.0014`` removes the models there.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ingestion", "0013_put_off")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='PollRecord',
                    fields=[
                        ('polled_at', models.DateTimeField(primary_key=True, serialize=False)),
                        ('status', models.SmallIntegerField(choices=[(0, 'inactive'), (1, 'active')])),
                    ],
                    options={
                        'verbose_name': 'poll',
                        'db_table': 'ingestion_poll',
                        'ordering': ['-polled_at', '-store_id'],
                        'managed': False,
                        'default_permissions': ['view'],
                    },
                ),
                migrations.CreateModel(
                    name='Store',
                    fields=[
                        ('key', models.AutoField(db_column='store_key', primary_key=True, serialize=False)),
                        ('store_id', models.CharField(max_length=100, unique=True)),
                        ('name', models.CharField(blank=True, db_default='', default='', help_text='A name for people.', max_length=200)),
                        ('last_polled_at', models.DateTimeField(editable=False, null=True)),
                        ('last_status', models.SmallIntegerField(choices=[(0, 'inactive'), (1, 'active')], editable=False, null=True)),
                        ('is_sample', models.BooleanField(db_default=False, default=False, editable=False, help_text='Removed when real data arrive.')),
                    ],
                    options={
                        'db_table': 'ingestion_store',
                        'ordering': ['store_id'],
                        'base_manager_name': 'objects',
                    },
                ),
                migrations.CreateModel(
                    name='TimeZone',
                    fields=[
                        ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ],
                    options={
                        'db_table': 'ingestion_timezone',
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='DataVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.BigIntegerField()),
                        ('pruned_before', models.DateTimeField(help_text='Polls from before this instant were removed.', null=True)),
                    ],
                    options={
                        'db_table': 'ingestion_dataversion',
                        'default_permissions': (),
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='data_version_only_row')],
                    },
                ),
                migrations.CreateModel(
                    name='Tag',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=50, unique=True)),
                    ],
                    options={
                        'db_table': 'ingestion_tag',
                        'ordering': ['name'],
                        'base_manager_name': 'objects',
                        'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='tag_not_blank')],
                    },
                ),
                migrations.CreateModel(
                    name='StoreTag',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('store', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fleet.store')),
                        ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fleet.tag')),
                    ],
                    options={
                        'db_table': 'ingestion_store_tags',
                        'default_permissions': (),
                        'base_manager_name': 'objects',
                        'unique_together': {('store', 'tag')},
                    },
                ),
                migrations.AddField(
                    model_name='store',
                    name='tags',
                    field=models.ManyToManyField(blank=True, related_name='stores', through='fleet.StoreTag', to='fleet.tag'),
                ),
                migrations.AddField(
                    model_name='store',
                    name='time_zone',
                    field=models.ForeignKey(blank=True, db_column='time_zone', help_text='Without one, America/Chicago is used.', null=True, on_delete=django.db.models.deletion.PROTECT, to='fleet.timezone'),
                ),
                migrations.CreateModel(
                    name='Poll',
                    fields=[
                        ('pk', models.CompositePrimaryKey('polled_at', 'store_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('polled_at', models.DateTimeField()),
                        ('status', models.SmallIntegerField(choices=[(0, 'inactive'), (1, 'active')])),
                        ('store', models.ForeignKey(db_column='store_key', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='fleet.store')),
                    ],
                    options={
                        'db_table': 'ingestion_poll',
                        'base_manager_name': 'objects',
                        'constraints': [models.CheckConstraint(condition=models.Q(('status__in', [0, 1])), name='poll_status_known')],
                    },
                ),
                migrations.CreateModel(
                    name='BusinessHours',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('weekday', models.SmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')])),
                        ('opens', models.TimeField()),
                        ('closes', models.TimeField(help_text='At or before the opening time means on the next day; 23:59 means midnight.')),
                        ('store', models.ForeignKey(db_column='store_key', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='business_hours', to='fleet.store')),
                    ],
                    options={
                        'verbose_name_plural': 'business hours',
                        'db_table': 'ingestion_businesshours',
                        'ordering': ['store', 'weekday', 'opens', 'closes'],
                        'base_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('store', 'weekday', 'opens', 'closes'), name='business_hours_once'), models.CheckConstraint(condition=models.Q(('weekday__range', (0, 6))), name='business_hours_weekday')],
                    },
                ),
                migrations.AddIndex(
                    model_name='store',
                    index=models.Index(condition=models.Q(('is_sample', True)), fields=['key'], name='store_sample'),
                ),
                migrations.AddConstraint(
                    model_name='store',
                    constraint=models.CheckConstraint(condition=models.Q(('store_id', ''), _negated=True), name='store_id_not_blank'),
                ),
                migrations.AddConstraint(
                    model_name='store',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('last_polled_at__isnull', True), ('last_status__isnull', True)), models.Q(('last_polled_at__isnull', False), ('last_status__in', [0, 1])), _connector='OR'), name='store_last_status_known'),
                ),
            ]
        ),
    ]
