import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Filing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='版本')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='编号')),
                ('region_path', models.CharField(max_length=14, verbose_name='区划代码')),
                ('unit', models.CharField(max_length=120, verbose_name='填报单位')),
                ('report', models.CharField(max_length=12, verbose_name='报表')),
                ('title', models.CharField(max_length=80, verbose_name='报表名称')),
                ('every', models.CharField(choices=[('half-month', '半月报'), ('month', '月报'), ('quarter', '季报'), ('half-year', '半年报'), ('year', '年报')], max_length=10, verbose_name='周期')),
                ('start', models.DateField(verbose_name='期初')),
                ('end', models.DateField(verbose_name='期末')),
                ('due', models.DateField(verbose_name='截止日期')),
                ('state', models.CharField(choices=[('filed', '已报'), ('returned', '退回')], default='filed', max_length=8, verbose_name='状态')),
                ('late', models.PositiveSmallIntegerField(default=0, verbose_name='逾期天数')),
                ('number', models.PositiveSmallIntegerField(default=0, verbose_name='最新版次')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='退回原因')),
                ('returned_at', models.DateTimeField(blank=True, null=True, verbose_name='退回时间')),
                ('returned_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='退回人')),
            ],
            options={
                'verbose_name': '报送',
                'verbose_name_plural': '报送',
                'ordering': ['-start', 'region_path', 'report'],
                'indexes': [models.Index(fields=['start', 'region_path'], name='filing_period')],
                'constraints': [models.UniqueConstraint(fields=('region_path', 'report', 'every', 'start'), name='filing_once')],
            },
        ),
        migrations.CreateModel(
            name='FiledCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.CharField(max_length=120, verbose_name='文件')),
                ('cells', models.CharField(max_length=120, verbose_name='数据')),
                ('name', models.CharField(max_length=200, verbose_name='文件名')),
                ('sha256', models.CharField(max_length=64, verbose_name='摘要')),
                ('size', models.PositiveIntegerField(default=0, verbose_name='字节数')),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='行数')),
                ('totals', models.JSONField(default=dict, verbose_name='合计')),
                ('as_of', models.DateField(verbose_name='截至日期')),
                ('seen', models.TextField(blank=True, verbose_name='涉及的人')),
                ('number', models.PositiveSmallIntegerField(verbose_name='版次')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='改动处数')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='更正说明')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='报送时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='报送人')),
                ('filing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='copies', to='filing.filing', verbose_name='报送')),
            ],
            options={
                'verbose_name': '报送的版次',
                'verbose_name_plural': '报送的版次',
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('filing', 'number'), name='filed_copy_once')],
            },
        ),
        migrations.CreateModel(
            name='FilingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='版本')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='最后修改')),
                ('region_path', models.CharField(max_length=14, verbose_name='县')),
                ('report', models.CharField(max_length=12, verbose_name='报表')),
                ('every', models.CharField(choices=[('half-month', '半月报'), ('month', '月报'), ('quarter', '季报'), ('half-year', '半年报'), ('year', '年报')], max_length=10, verbose_name='周期')),
                ('level', models.PositiveSmallIntegerField(choices=[(4, '各乡镇'), (3, '县')], default=4, verbose_name='报送单位')),
                ('due_days', models.PositiveSmallIntegerField(default=5, verbose_name='期末后几日内报送')),
                ('since', models.DateField(verbose_name='启用日期')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='修改人')),
            ],
            options={
                'verbose_name': '报送要求',
                'verbose_name_plural': '报送要求',
                'ordering': ['region_path', 'report'],
                'constraints': [models.UniqueConstraint(fields=('region_path', 'report'), name='filing_rule_once')],
            },
        ),
        migrations.CreateModel(
            name='YearFreeze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='版本')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='编号')),
                ('region_path', models.CharField(max_length=14, verbose_name='县')),
                ('unit', models.CharField(max_length=60, verbose_name='单位')),
                ('year', models.PositiveSmallIntegerField(verbose_name='数据年度')),
                ('as_of', models.DateField(verbose_name='截至日期')),
                ('state', models.CharField(choices=[('making', '正在存档'), ('frozen', '已冻结'), ('open', '已解冻'), ('counting', '正在计算'), ('counted', '已计算')], default='making', max_length=8, verbose_name='状态')),
                ('job', models.UUIDField(blank=True, null=True, verbose_name='后台任务')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='冻结时间')),
                ('left_out', models.JSONField(default=list, editable=False, verbose_name='没有存档的')),
                ('untold', models.JSONField(default=list, editable=False, verbose_name='当时未留存的指标')),
                ('groups', models.JSONField(default=list, editable=False, verbose_name='片区分组')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='解冻理由')),
                ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='解冻时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='冻结人')),
                ('opened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='解冻人')),
            ],
            options={
                'verbose_name': '年度快照',
                'verbose_name_plural': '年度快照',
                'ordering': ['-year', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['making', 'frozen'])), fields=('region_path', 'year'), name='one_freeze_a_year'), models.UniqueConstraint(condition=models.Q(('state', 'counted')), fields=('region_path', 'as_of'), name='one_count_a_day')],
            },
        ),
        migrations.CreateModel(
            name='FrozenRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10, verbose_name='类别')),
                ('key', models.BigIntegerField(verbose_name='原编号')),
                ('region_path', models.CharField(max_length=14, verbose_name='区划代码')),
                ('covers', models.TextField(blank=True, verbose_name='覆盖')),
                ('number', models.CharField(max_length=30, verbose_name='编号')),
                ('name', models.CharField(max_length=120, verbose_name='名称')),
                ('size', models.PositiveSmallIntegerField(default=0, verbose_name='人口')),
                ('figures', models.TextField(verbose_name='计入的指标')),
                ('facts', models.JSONField(default=dict, verbose_name='当时的情况')),
                ('freeze', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='filing.yearfreeze', verbose_name='年度快照')),
            ],
            options={
                'verbose_name': '快照中的户和项目',
                'verbose_name_plural': '快照中的户和项目',
                'ordering': ['region_path', 'key'],
                'constraints': [models.UniqueConstraint(fields=('freeze', 'kind', 'region_path', 'key'), name='frozen_row_once')],
            },
        ),
        migrations.CreateModel(
            name='FrozenReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report', models.CharField(max_length=12, verbose_name='报表')),
                ('region_path', models.CharField(max_length=14, verbose_name='区划代码')),
                ('apart', models.BooleanField(default=False, verbose_name='按地方汇总')),
                ('whole', models.BooleanField(default=True, verbose_name='不加条件')),
                ('cells', models.CharField(max_length=120, verbose_name='数据')),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='行数')),
                ('index', models.JSONField(default=dict, verbose_name='各地行数')),
                ('said', models.JSONField(default=dict, verbose_name='口径和条件')),
                ('seen', models.TextField(blank=True, verbose_name='涉及的人')),
                ('freeze', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='filing.yearfreeze', verbose_name='年度快照')),
            ],
            options={
                'verbose_name': '快照中的报表',
                'verbose_name_plural': '快照中的报表',
                'ordering': ['report', 'region_path'],
                'constraints': [models.UniqueConstraint(fields=('freeze', 'report', 'region_path', 'whole'), name='frozen_report_once')],
            },
        ),
        migrations.CreateModel(
            name='FrozenPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region_path', models.CharField(max_length=14, verbose_name='区划代码')),
                ('level', models.PositiveSmallIntegerField(choices=[(0, '全国'), (1, '省'), (2, '市'), (3, '县'), (4, '乡镇'), (5, '村'), (6, '组')], verbose_name='级别')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('figures', models.JSONField(default=dict, verbose_name='指标')),
                ('named', models.JSONField(default=dict, editable=False, verbose_name='列名的户')),
                ('freeze', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='filing.yearfreeze', verbose_name='年度快照')),
            ],
            options={
                'verbose_name': '快照中的地方',
                'verbose_name_plural': '快照中的地方',
                'ordering': ['region_path'],
                'constraints': [models.UniqueConstraint(fields=('freeze', 'region_path'), name='frozen_place_once')],
            },
        ),
    ]
