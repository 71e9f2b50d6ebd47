import django.db.models.deletion
import fupin.crypt.fields
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
            name='PeriodicRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='名称')),
                ('day', models.DateField(verbose_name='日期')),
            ],
            options={
                'verbose_name': '定期任务',
                'verbose_name_plural': '定期任务',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='编号')),
                ('kind', models.CharField(max_length=40, verbose_name='类别')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('params', fupin.crypt.fields.EncryptedJSON(blank=True, default=dict, max_length=10000000, verbose_name='参数')),
                ('needs', models.JSONField(default=dict, verbose_name='所需权限')),
                ('state', models.CharField(choices=[('waiting', '等待中'), ('running', '进行中'), ('done', '已完成'), ('failed', '失败'), ('cancelled', '已取消')], db_index=True, default='waiting', max_length=10, verbose_name='状态')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='已完成')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='总数')),
                ('message', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('result', models.JSONField(default=dict, verbose_name='结果')),
                ('file', models.CharField(blank=True, max_length=200, verbose_name='文件')),
                ('file_name', models.CharField(blank=True, max_length=200, verbose_name='下载文件名')),
                ('worker', models.CharField(blank=True, max_length=60, verbose_name='执行进程')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='执行次数')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='提交时间')),
                ('beat_at', models.DateTimeField(blank=True, null=True, verbose_name='最近进展')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='完成时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '后台任务',
                'verbose_name_plural': '后台任务',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['user', '-id'], name='job_owner')],
            },
        ),
    ]
