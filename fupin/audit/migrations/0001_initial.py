import django.db.models.deletion
import fupin.audit.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='序号')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('count', models.PositiveIntegerField(verbose_name='事件数')),
                ('total', models.BigIntegerField(verbose_name='累计事件数')),
                ('spans', models.TextField(verbose_name='事件号')),
                ('horizon', models.BigIntegerField(default=0, verbose_name='事务界限')),
                ('digest', models.BinaryField(max_length=32, verbose_name='摘要')),
                ('mac', models.BinaryField(max_length=32, verbose_name='校验值')),
            ],
            options={
                'verbose_name': '审计封签',
                'verbose_name_plural': '审计封签',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='AuditSlot',
            fields=[
                ('number', models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name='序号')),
                ('turn', models.BigIntegerField(default=0, verbose_name='已发次序')),
            ],
            options={
                'verbose_name': '审计次序',
                'verbose_name_plural': '审计次序',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, verbose_name='时间')),
                ('action', models.CharField(db_index=True, max_length=40, verbose_name='动作')),
                ('target', models.CharField(db_index=True, max_length=80, verbose_name='对象')),
                ('region_path', models.CharField(blank=True, db_index=True, max_length=14, verbose_name='区域')),
                ('household', models.BigIntegerField(null=True, verbose_name='户编号')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='来源地址')),
                ('seen', models.TextField(blank=True, verbose_name='看到的户和人')),
                ('detail', fupin.audit.models.DetailField(default=dict, verbose_name='内容')),
                ('mac', models.BinaryField(max_length=32, verbose_name='校验值')),
                ('txid', models.BigIntegerField(default=0, verbose_name='事务号')),
                ('turn', models.BigIntegerField(default=0, verbose_name='次序')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit_events', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '审计事件',
                'verbose_name_plural': '审计事件',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('household__isnull', False)), fields=['household'], name='event_household')],
            },
        ),
    ]
