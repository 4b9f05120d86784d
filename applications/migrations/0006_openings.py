import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0005_interview_times'),
    ]

    operations = [
        migrations.AddField(
            model_name='materialaccess',
            name='application',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='accesses', to='applications.application'),
        ),
        migrations.AddField(
            model_name='materialaccess',
            name='name',
            field=models.CharField(default='', max_length=100, verbose_name='name of the file'),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE applications_materialaccess AS access SET application_id = material.application_id, "
            "name = material.name FROM applications_material AS material WHERE material.uuid = access.material_id",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='materialaccess',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='accesses', to='applications.application'),
        ),
        migrations.AlterField(
            model_name='materialaccess',
            name='material',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='accesses', to='applications.material'),
        ),
    ]
