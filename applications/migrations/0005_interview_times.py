import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields

# An invitation named one time: it becomes a proposal of that time, which the student has still to pick.
FORWARD = [
    """
    INSERT INTO applications_interviewtime (interview_id, number, starts_at)
    SELECT id, 1, starts_at FROM applications_interview
    """,
    "UPDATE applications_interview SET starts_at = NULL, status_by_id = proposed_by_id",
    """
    UPDATE applications_interview AS earlier SET status = 'canceled', reason = 'Another invitation followed.'
    FROM applications_interview AS later
    WHERE later.application_id = earlier.application_id AND later.id > earlier.id
    """,
    "SET CONSTRAINTS ALL IMMEDIATE",
]
BACKWARD = [
    """
    UPDATE applications_interview SET starts_at = COALESCE(
        starts_at,
        (SELECT min(starts_at) FROM applications_interviewtime WHERE interview_id = applications_interview.id),
        status_at
    )
    """,
    "SET CONSTRAINTS ALL IMMEDIATE",
]


class Migration(migrations.Migration):

    dependencies = [
        ("applications", "0004_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField("interview", "invited_by", "proposed_by"),
        migrations.RenameField("interview", "invited_at", "status_at"),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('secret', core.fields.EncryptedTextField(editable=False)),
                ('made_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='InterviewEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('move', models.CharField(max_length=40)),
                ('from_status', models.CharField(blank=True, max_length=40)),
                ('to_status', models.CharField(blank=True, max_length=40)),
                ('note', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='InterviewTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('starts_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['starts_at'],
            },
        ),
        migrations.AlterModelOptions(
            name='interview',
            options={'ordering': ['pk']},
        ),
        migrations.AddField(
            model_name='interview',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='interview',
            name='minutes',
            field=models.PositiveSmallIntegerField(default=30, verbose_name='length in minutes'),
        ),
        migrations.AddField(
            model_name='interview',
            name='reason',
            field=models.TextField(blank=True, max_length=1000, verbose_name='why it was canceled, or which times would suit'),
        ),
        migrations.AddField(
            model_name='interview',
            name='sequence',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='interview',
            name='status',
            field=models.CharField(choices=[('proposed', 'Times proposed'), ('picked', 'Time picked'), ('times_refused', 'Other times asked for'), ('canceled', 'Canceled')], default='proposed', editable=False, max_length=16),
        ),
        migrations.AddField(
            model_name='interview',
            name='status_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='interview',
            name='starts_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='interview',
            name='status_at',
            field=models.DateTimeField(verbose_name='in this state since'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feed', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='interviewevent',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='interviewevent',
            name='interview',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='applications.interview'),
        ),
        migrations.AddField(
            model_name='interviewtime',
            name='interview',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='times', to='applications.interview'),
        ),
        migrations.AddConstraint(
            model_name='interviewtime',
            constraint=models.UniqueConstraint(fields=('interview', 'number'), name='interview_time_numbered_once'),
        ),
        migrations.AddConstraint(
            model_name='interviewtime',
            constraint=models.UniqueConstraint(fields=('interview', 'starts_at'), name='interview_time_proposed_once', violation_error_message='Each time is proposed once.'),
        ),
        migrations.AddConstraint(
            model_name='interviewtime',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 5)), name='interview_times_one_to_five', violation_error_message='Propose up to 5 times.'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddIndex(
            model_name='interview',
            index=models.Index(condition=models.Q(('status', 'picked')), fields=['starts_at'], name='interview_picked_by_time'),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('proposed', 'times_refused'))), fields=('application',), name='interview_arranged_one_at_a_time', violation_error_message='An interview is being arranged already.'),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'canceled'), ('status_by__isnull', False), _connector='OR'), name='interview_status_by_someone', violation_error_message='Only an interview of an application that has ended is canceled by nobody.'),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__gte', 10), ('minutes__lte', 240)), name='interview_length_possible', violation_error_message='Enter between 10 and 240 minutes.'),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends_at', None), ('starts_at', None), models.Q(('status', 'picked'), _negated=True)), models.Q(('ends_at__gt', models.F('starts_at')), ('starts_at__isnull', False)), _connector='OR'), name='interview_picked_with_its_time', violation_error_message='An interview that was picked has its time.'),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('status__in', ['proposed', 'picked'])), models.Q(('status__in', ['times_refused', 'canceled']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='interview_turned_down_for_a_reason', violation_error_message='Whoever cancels, or asks for other times, says why.'),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('status', 'picked')), expressions=[('proposed_by', '='), (models.Func('starts_at', 'ends_at', function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='interview_one_talk_at_a_time', violation_error_message='Whoever interviews is in another interview then.'),
        ),
    ]
