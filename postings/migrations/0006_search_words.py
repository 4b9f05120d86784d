"""The search column keeps the words as they stand beside their stems; typos are mended by the nearest word.

The expression of a generated column cannot be altered, so it is dropped and added: PostgreSQL writes the table anew.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.comparison
import postings.models.posting
from django.db import migrations, models

FOLD = """
CREATE OR REPLACE FUNCTION public.fold_text(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
$$ SELECT public.unaccent('public.unaccent'::regdictionary, {}) $$
"""
# The signs are all that tells C++ and C# from a letter; and to the parser A/B would be the name of a file.
SIGNED = "lower($1)"
for sign, name in (("c++", "cplusplus"), ("c#", "csharp"), ("f#", "fsharp"), (".net", " dotnet"), ("/", " ")):
    SIGNED = f"replace({SIGNED}, '{sign}', '{name}')"

LEARN = """
DROP FUNCTION postings_learn_words() CASCADE;
CREATE FUNCTION postings_learn_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fresh text[];
BEGIN
    SELECT array_agg(DISTINCT word) INTO fresh
    FROM touched, regexp_split_to_table(
        public.fold_text(touched.title || ' ' || touched.skills || ' ' || touched.search_context), '[^[:alpha:]]+') AS word
    WHERE length(word) BETWEEN 4 AND 60 AND NOT EXISTS (SELECT FROM postings_word WHERE postings_word.word = word.word);
    IF fresh IS NOT NULL THEN
        -- One at a time: two who teach the same words in another order would wait for each other for good.
        PERFORM pg_advisory_xact_lock(hashtext('postings_word'));
        INSERT INTO postings_word (word) SELECT unnest(fresh) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER learn_words_of_new AFTER INSERT ON postings_posting REFERENCING NEW TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION postings_learn_words();
CREATE TRIGGER learn_words_of_changed AFTER UPDATE ON postings_posting REFERENCING NEW TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION postings_learn_words();
"""


class Migration(migrations.Migration):

    dependencies = [('postings', '0005_saved')]

    operations = [
        migrations.RemoveIndex(model_name='posting', name='posting_search'),
        migrations.RemoveField(model_name='posting', name='search'),
        migrations.RunSQL(FOLD.format(SIGNED), FOLD.format("lower($1)")),
        migrations.AddField(
            model_name='posting',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('title'), models.Value(''))), config='simple', weight='A'), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('skills'), models.Value(''))), config='simple', weight='B'), django.contrib.postgres.search.SearchConfig('simple')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('search_context'), models.Value(''))), config='simple', weight='B'), django.contrib.postgres.search.SearchConfig('simple')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('title'), models.Value(''))), config='english', weight='A'), django.contrib.postgres.search.SearchConfig('simple')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('skills'), models.Value(''))), config='english', weight='B'), django.contrib.postgres.search.SearchConfig('simple')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('search_context'), models.Value(''))), config='english', weight='B'), django.contrib.postgres.search.SearchConfig('simple')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('deliverable'), models.Value(''))), config='english', weight='C'), django.contrib.postgres.search.SearchConfig('simple')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('learning_goals'), models.Value(''))), config='english', weight='C'), django.contrib.postgres.search.SearchConfig('simple')), '||', django.contrib.postgres.search.SearchVector(postings.models.posting.Fold(django.db.models.functions.comparison.Coalesce(models.F('brief'), models.Value(''))), config='english', weight='D'), django.contrib.postgres.search.SearchConfig('simple')), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='posting_search'),
        ),
        migrations.RemoveIndex(model_name='word', name='word_alike'),
        migrations.AddIndex(
            model_name='word',
            index=django.contrib.postgres.indexes.GistIndex(
                django.contrib.postgres.indexes.OpClass(models.F('word'), name='gist_trgm_ops'), name='word_nearest'
            ),
        ),
        migrations.RunSQL(LEARN, migrations.RunSQL.noop),
    ]
