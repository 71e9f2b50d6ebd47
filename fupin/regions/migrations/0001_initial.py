import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Region',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=14, unique=True, verbose_name='区划代码')),
                ('level', models.PositiveSmallIntegerField(choices=[(0, '全国'), (1, '省'), (2, '市'), (3, '县'), (4, '乡镇'), (5, '村'), (6, '组')], verbose_name='级别')),
                ('name', models.CharField(max_length=60, verbose_name='全称')),
                ('short_name', models.CharField(max_length=60, verbose_name='名称')),
                ('key', models.CharField(max_length=60, verbose_name='比对名')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='撤并日期')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subregions', to='regions.region', verbose_name='上级')),
            ],
            options={
                'verbose_name': '行政区划',
                'verbose_name_plural': '行政区划',
                'ordering': ['path'],
                'indexes': [models.Index(fields=['parent', 'key'], name='region_parent_key')],
            },
        ),
    ]
