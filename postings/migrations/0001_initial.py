import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.contrib.postgres.search
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.utils.timezone
import postings.models.posting
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(),
        django.contrib.postgres.operations.UnaccentExtension(),
        django.contrib.postgres.operations.BtreeGistExtension(),
        # unaccent() is only STABLE, since its dictionary could change; a generated column takes IMMUTABLE alone.
        # The dictionary is named in full, so the result does not hang on search_path either.
        migrations.RunSQL(
            """CREATE FUNCTION public.fold_text(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
            $$ SELECT public.unaccent('public.unaccent'::regdictionary, lower($1)) $$""",
            "DROP FUNCTION public.fold_text(text)",
        ),
        migrations.CreateModel(
            name='EngagementType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(blank=True, help_text="Where this comes from: a page's address or a document.", max_length=300)),
                ('last_verified', models.DateField(blank=True, help_text='The day somebody last compared it with its source.', null=True)),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=80)),
                ('allowed', models.BooleanField(default=True, verbose_name='allowed by the career office')),
                ('explanation', models.TextField(help_text='Shown to hosts and students.')),
                ('order', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['order', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Stream',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=60)),
                ('order', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['order', 'name'],
            },
        ),
        migrations.CreateModel(
            name='OpportunityType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(blank=True, help_text="Where this comes from: a page's address or a document.", max_length=300)),
                ('last_verified', models.DateField(blank=True, help_text='The day somebody last compared it with its source.', null=True)),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=60)),
                ('plural', models.CharField(max_length=60)),
                ('weeks_min', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('weeks_max', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('hours_week_min', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hours a week, at least')),
                ('hours_week_max', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hours a week, at most')),
                ('total_hours_min', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hours in total, at least')),
                ('total_hours_max', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hours in total, at most')),
                ('offer_days_least', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='business days to decide, at least')),
                ('offer_days_recommended', models.PositiveSmallIntegerField(verbose_name='business days to decide, recommended')),
                ('pay_low', models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True, verbose_name='typical pay an hour, from')),
                ('pay_high', models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True, verbose_name='typical pay an hour, to')),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('active', models.BooleanField(default=True, verbose_name='offered to hosts')),
            ],
            options={
                'ordering': ['order', 'name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('weeks_min__lte', models.F('weeks_max'))), name='type_weeks_in_order', violation_error_message='The most weeks must not be fewer than the least.'), models.CheckConstraint(condition=models.Q(('hours_week_min__lte', models.F('hours_week_max'))), name='type_hours_in_order', violation_error_message='The most hours a week must not be fewer than the least.'), models.CheckConstraint(condition=models.Q(('total_hours_min__lte', models.F('total_hours_max'))), name='type_total_in_order', violation_error_message='The most hours in total must not be fewer than the least.'), models.CheckConstraint(condition=models.Q(('offer_days_least__gte', 1), ('offer_days_recommended__gte', models.F('offer_days_least'))), name='type_offer_days_in_order', violation_error_message='Students get at least one business day, and the recommended number must not be below the least.'), models.CheckConstraint(condition=models.Q(('pay_low__lte', models.F('pay_high'))), name='type_pay_in_order', violation_error_message='The pay band must not end below its start.')],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=60)),
                ('plural', models.CharField(blank=True, max_length=60, verbose_name='name in the filter')),
                ('public', models.BooleanField(default=True, verbose_name='shown to everyone')),
                ('rule', models.CharField(choices=[('by_hand', 'Given by staff'), ('opportunity_type', 'Follows the opportunity type'), ('alumni_host', 'Follows a verified alumni host'), ('abroad', 'Follows a host abroad')], default='by_hand', max_length=20, verbose_name='how it is given')),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('opportunity_type', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='postings.opportunitytype')),
            ],
            options={
                'ordering': ['order', 'name'],
            },
        ),
        migrations.CreateModel(
            name='PayFloor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(blank=True, help_text="Where this comes from: a page's address or a document.", max_length=300)),
                ('last_verified', models.DateField(blank=True, help_text='The day somebody last compared it with its source.', null=True)),
                ('country', models.CharField(blank=True, help_text="Two letters; empty for the program's own floor.", max_length=2)),
                ('region', models.CharField(blank=True, help_text='State or city; empty for the whole country.', max_length=40)),
                ('hourly', models.DecimalField(decimal_places=2, max_digits=7, validators=[django.core.validators.MinValueValidator(Decimal('0.01'))])),
                ('currency', models.CharField(default='USD', max_length=3)),
            ],
            options={
                'ordering': ['country', 'region'],
                'constraints': [models.UniqueConstraint(fields=('country', 'region', 'currency'), name='pay_floor_once_per_place', violation_error_message='This place has a floor in this currency already.')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('brief', models.TextField(blank=True, max_length=8000, verbose_name='project brief')),
                ('deliverable', models.TextField(blank=True, max_length=1000)),
                ('learning_goals', models.TextField(blank=True, max_length=1500)),
                ('skills', models.CharField(blank=True, max_length=300)),
                ('weeks_min', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(104)], verbose_name='weeks, at least')),
                ('weeks_max', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(104)], verbose_name='weeks, at most')),
                ('hours_week_min', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='hours a week, at least')),
                ('hours_week_max', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='hours a week, at most')),
                ('total_hours', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(6240)], verbose_name='hours in total')),
                ('start_earliest', models.DateField(blank=True, null=True, verbose_name='earliest start')),
                ('start_latest', models.DateField(blank=True, null=True, verbose_name='latest start')),
                ('location_mode', models.CharField(choices=[('remote', 'Remote'), ('hybrid', 'Hybrid'), ('on_site', 'On site')], default='remote', max_length=10)),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='city')),
                ('region', models.CharField(blank=True, max_length=40, verbose_name='state or region')),
                ('country', models.CharField(default='US', max_length=2)),
                ('street_address', models.CharField(blank=True, max_length=200)),
                ('supplies', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('laptop', 'Laptop'), ('printer', 'Printer'), ('connectivity', 'Internet or phone connection'), ('software', 'Software licenses'), ('other', 'Something else')], max_length=16), blank=True, default=list, size=None)),
                ('supplies_note', models.CharField(blank=True, max_length=200)),
                ('pay_kind', models.CharField(blank=True, choices=[('hourly', 'By the hour'), ('fixed_fee', 'Fixed fee'), ('unpaid', 'Unpaid')], max_length=10)),
                ('pay_amount', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True)),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('unpaid_basis', models.TextField(blank=True, max_length=1000)),
                ('travel_costs_covered', models.BooleanField(default=False)),
                ('unpaid_talk_at', models.DateTimeField(blank=True, null=True)),
                ('levels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('undergraduate', 'Undergraduate'), ('graduate', 'Graduate')], max_length=16), blank=True, default=list, size=None)),
                ('mentor_name', models.CharField(blank=True, max_length=120)),
                ('mentor_title', models.CharField(blank=True, max_length=120)),
                ('mentor_email', models.EmailField(blank=True, max_length=254)),
                ('feedback_plan', models.TextField(blank=True, max_length=1000)),
                ('extra_materials', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('transcript', 'Transcript'), ('writing_sample', 'Writing sample'), ('portfolio', 'Portfolio'), ('work_sample', 'Work sample'), ('short_answers', 'Short answers')], max_length=16), blank=True, default=list, size=None)),
                ('questions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=300), blank=True, default=list, size=None)),
                ('positions', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(200)])),
                ('opens_at', models.DateTimeField(blank=True, null=True)),
                ('apply_by', models.DateTimeField(blank=True, null=True)),
                ('answer_within', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='business days to answer')),
                ('credit_possible', models.BooleanField(default=False)),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Waiting for review'), ('changes_requested', 'Changes requested'), ('scheduled', 'Scheduled'), ('open', 'Open'), ('on_hold', 'On hold'), ('closed', 'Closed'), ('filled', 'Filled'), ('expired', 'Expired'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='draft', editable=False, max_length=20)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('expectations_read_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decision_reason', models.CharField(blank=True, choices=[('pay', 'Pay structure'), ('cost_to_student', 'Cost to the student'), ('third_party', 'Third party or staffing agency'), ('location', 'Location (on site or abroad where it cannot be listed as it is)'), ('residential', 'Residential address'), ('not_enough', 'Not enough information'), ('supervision', 'Supervision or feedback missing'), ('ongoing', 'An ongoing role, not a project'), ('engagement', 'Engagement type'), ('offer_terms', 'Offer terms (exploding, penalties)'), ('contact', 'Contact details or links in the brief'), ('unsafe', 'Unsafe or regulated work'), ('unpaid', 'Unpaid without a basis'), ('discriminatory', 'Discriminatory requirement'), ('fraud', 'Suspected fraud'), ('duplicate', 'Duplicate'), ('other', 'Other')], max_length=20)),
                ('decision_comment', models.TextField(blank=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('held_at', models.DateTimeField(blank=True, null=True)),
                ('hold_cause', models.CharField(blank=True, choices=[('review', 'Looked at by the career office'), ('suspension', 'Organization suspended')], max_length=12)),
                ('hold_note', models.TextField(blank=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('search_context', models.TextField(blank=True, editable=False)),
                ('search', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('title'), models.Value(''))), config='english', weight='A'), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('skills'), models.Value(''))), config='english', weight='B'), django.contrib.postgres.search.SearchConfig('english')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('search_context'), models.Value(''))), config='english', weight='B'), django.contrib.postgres.search.SearchConfig('english')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('deliverable'), models.Value(''))), config='english', weight='C'), django.contrib.postgres.search.SearchConfig('english')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('learning_goals'), models.Value(''))), config='english', weight='C'), django.contrib.postgres.search.SearchConfig('english')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('brief'), models.Value(''))), config='english', weight='D'), django.contrib.postgres.search.SearchConfig('english')), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('effective_hourly', models.GeneratedField(db_persist=True, expression=models.Case(models.When(pay_kind='hourly', then=models.F('pay_amount')), models.When(pay_kind='fixed_fee', then=models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('pay_amount'), '/', django.db.models.functions.comparison.NullIf(django.db.models.functions.comparison.Coalesce(models.F('total_hours'), django.db.models.expressions.CombinedExpression(models.F('weeks_max'), '*', models.F('hours_week_max'))), models.Value(0))), output_field=models.DecimalField(decimal_places=2, max_digits=9))), models.When(pay_kind='unpaid', then=models.Value(Decimal('0'))), default=None), output_field=models.DecimalField(decimal_places=2, max_digits=9, null=True))),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cohosts', models.ManyToManyField(blank=True, related_name='cohosted_postings', to='accounts.host')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement_type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='postings.engagementtype')),
                ('held_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='accounts.host')),
                ('labels', models.ManyToManyField(blank=True, related_name='postings', to='postings.label')),
                ('opportunity_type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='postings.opportunitytype')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='accounts.organization')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unpaid_talk_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stream', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='postings.stream')),
            ],
            options={
                'ordering': ['-published_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PostingEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('move', models.CharField(max_length=40)),
                ('from_status', models.CharField(blank=True, max_length=40)),
                ('to_status', models.CharField(blank=True, max_length=40)),
                ('note', models.TextField(blank=True)),
                ('reason', models.CharField(blank=True, choices=[('pay', 'Pay structure'), ('cost_to_student', 'Cost to the student'), ('third_party', 'Third party or staffing agency'), ('location', 'Location (on site or abroad where it cannot be listed as it is)'), ('residential', 'Residential address'), ('not_enough', 'Not enough information'), ('supervision', 'Supervision or feedback missing'), ('ongoing', 'An ongoing role, not a project'), ('engagement', 'Engagement type'), ('offer_terms', 'Offer terms (exploding, penalties)'), ('contact', 'Contact details or links in the brief'), ('unsafe', 'Unsafe or regulated work'), ('unpaid', 'Unpaid without a basis'), ('discriminatory', 'Discriminatory requirement'), ('fraud', 'Suspected fraud'), ('duplicate', 'Duplicate'), ('other', 'Other')], max_length=20)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('posting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='postings.posting')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PostingRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changes', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('status', models.CharField(choices=[('waiting', 'Waiting for review'), ('approved', 'Approved'), ('declined', 'Declined'), ('replaced', 'Replaced')], default='waiting', editable=False, max_length=12)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, choices=[('pay', 'Pay structure'), ('cost_to_student', 'Cost to the student'), ('third_party', 'Third party or staffing agency'), ('location', 'Location (on site or abroad where it cannot be listed as it is)'), ('residential', 'Residential address'), ('not_enough', 'Not enough information'), ('supervision', 'Supervision or feedback missing'), ('ongoing', 'An ongoing role, not a project'), ('engagement', 'Engagement type'), ('offer_terms', 'Offer terms (exploding, penalties)'), ('contact', 'Contact details or links in the brief'), ('unsafe', 'Unsafe or regulated work'), ('unpaid', 'Unpaid without a basis'), ('discriminatory', 'Discriminatory requirement'), ('fraud', 'Suspected fraud'), ('duplicate', 'Duplicate'), ('other', 'Other')], max_length=20)),
                ('comment', models.TextField(blank=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('posting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='postings.posting')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['proposed_at', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('opportunity_type__isnull', False), ('rule', 'opportunity_type')), models.Q(models.Q(('rule', 'opportunity_type'), _negated=True), ('opportunity_type', None)), _connector='OR'), name='label_type_with_its_rule', violation_error_message='Name an opportunity type exactly when the label follows one.'),
        ),
        migrations.AddConstraint(
            model_name='postingrevision',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('posting',), name='revision_waits_once'),
        ),
        migrations.AddConstraint(
            model_name='postingrevision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('status', 'waiting')), models.Q(('decided_at__isnull', False), ('status', 'replaced')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('status', 'approved')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('status', 'declined'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='revision_decided_by_someone', violation_error_message='A decision needs who made it, when, and for a refusal the reason.'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='posting_search'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=models.Index(models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('status__in', ['open', 'scheduled'])), name='posting_newest'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['apply_by'], name='posting_apply_by'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=models.Index(condition=models.Q(('status', 'submitted')), fields=['submitted_at'], name='posting_queue'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('draft', 'withdrawn')), models.Q(('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='posting_submitted_by_someone', violation_error_message='A posting past its draft needs who submitted it, and when.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('scheduled', 'open', 'on_hold', 'closed', 'filled', 'expired')), _negated=True), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('published_at__isnull', False)), _connector='OR'), name='posting_approved_by_someone', violation_error_message='An approved posting needs who approved it, and when.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('changes_requested', 'declined')), _negated=True), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decision_reason', ''), _negated=True)), _connector='OR'), name='posting_judged_for_a_reason', violation_error_message='Give a reason: the host reads it.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('held_at__isnull', False), ('held_by__isnull', False), ('status', 'on_hold'), models.Q(('hold_cause', ''), _negated=True), models.Q(('hold_note', ''), _negated=True)), models.Q(models.Q(('status', 'on_hold'), _negated=True), ('held_at', None), ('held_by', None), ('hold_cause', ''), ('hold_note', '')), _connector='OR'), name='posting_held_by_someone', violation_error_message='A hold needs who set it, when and why, and no other state has one.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('ended_at__isnull', False), ('status__in', ('closed', 'filled', 'expired', 'withdrawn'))), models.Q(models.Q(('status__in', ('closed', 'filled', 'expired', 'withdrawn')), _negated=True), ('ended_at', None)), _connector='OR'), models.Q(models.Q(('status__in', ['closed', 'withdrawn']), _negated=True), ('ended_by__isnull', False), _connector='OR')), name='posting_ended_at_some_time', violation_error_message='A posting that is over needs when it ended, and who closed it.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'scheduled'), _negated=True), ('opens_at__isnull', False), _connector='OR'), name='posting_scheduled_for_a_time', violation_error_message='A scheduled posting needs the time it opens.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('draft', 'withdrawn')), models.Q(('engagement_type__isnull', False), ('hours_week_max__isnull', False), ('hours_week_min__isnull', False), ('levels__len__gte', 1), ('opportunity_type__isnull', False), ('start_earliest__isnull', False), ('start_latest__isnull', False), ('stream__isnull', False), models.Q(('brief', ''), _negated=True), models.Q(('deliverable', ''), _negated=True), models.Q(('mentor_name', ''), _negated=True), models.Q(('location_mode', 'remote'), models.Q(('place', ''), _negated=True), _connector='OR'), models.Q(('pay_kind', 'unpaid'), models.Q(('pay_amount__isnull', False), ('pay_kind__in', ('hourly', 'fixed_fee'))), _connector='OR')), _connector='OR'), name='posting_complete_when_submitted', violation_error_message='Complete the posting before you submit it.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('pay_amount', None), models.Q(models.Q(('pay_kind', 'unpaid'), _negated=True), ('pay_amount__gt', 0)), _connector='OR'), name='posting_pay_matches_its_kind', violation_error_message='An unpaid posting has no amount; any other needs one above zero.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pay_kind', 'unpaid'), ('status__in', ('scheduled', 'open', 'on_hold', 'closed', 'filled', 'expired')), _negated=True), models.Q(('travel_costs_covered', True), ('unpaid_talk_at__isnull', False), ('unpaid_talk_by__isnull', False), models.Q(('unpaid_basis', ''), _negated=True)), _connector='OR'), name='posting_unpaid_after_a_talk', violation_error_message='An unpaid posting needs a basis, a conversation with the career office, and local travel costs borne by the host.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('weeks_max', None), ('weeks_min', None)), models.Q(('weeks_max__isnull', False), ('weeks_max__lte', 104), ('weeks_min__gte', 1), ('weeks_min__isnull', False), ('weeks_min__lte', models.F('weeks_max'))), models.Q(('status__in', ('draft', 'withdrawn')), models.Q(('weeks_min', None), ('weeks_max', None), _connector='OR')), _connector='OR'), name='posting_weeks_in_order', violation_error_message='Enter at least one week, no fewer weeks at most than at least, and no more than 104.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('hours_week_max__lte', 60), ('hours_week_min__gte', 1), ('hours_week_min__lte', models.F('hours_week_max'))), ('hours_week_min', None), ('hours_week_max', None), _connector='OR'), name='posting_hours_in_order', violation_error_message='Enter at least one hour a week, no fewer hours at most than at least, and no more than 60.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('total_hours', None), ('total_hours__gte', 1), _connector='OR'), name='posting_total_hours_positive', violation_error_message='Enter at least one hour in total, or leave it empty.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('start_latest__gte', models.F('start_earliest'))), name='posting_starts_in_order', violation_error_message='The latest start must not be before the earliest.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('apply_by__gt', models.F('opens_at'))), name='posting_opens_before_it_closes', violation_error_message='The posting must open before its application deadline.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('positions__gte', 1)), name='posting_has_a_position', violation_error_message='Enter at least one position.'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('levels__contained_by', ['undergraduate', 'graduate'])), name='posting_levels_known', violation_error_message='Choose undergraduate, graduate or both.'),
        ),
    ]
