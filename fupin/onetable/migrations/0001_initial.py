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
            name='BureauForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='版本')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='编号')),
                ('unit', models.CharField(blank=True, db_index=True, max_length=14, verbose_name='单位')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('name', models.CharField(max_length=200, verbose_name='文件名')),
                ('file', models.CharField(max_length=120, verbose_name='原文件')),
                ('book', models.CharField(max_length=120, verbose_name='表样')),
                ('size', models.PositiveIntegerField(default=0, verbose_name='字节数')),
                ('sha256', models.CharField(max_length=64, verbose_name='摘要')),
                ('seen', fupin.crypt.fields.EncryptedJSON(blank=True, default=list, max_length=10000000, verbose_name='表样内容')),
                ('blocks', fupin.crypt.fields.EncryptedJSON(blank=True, default=list, max_length=10000000, verbose_name='表块')),
                ('said', models.JSONField(default=dict, verbose_name='对应')),
                ('confirmed', models.BooleanField(default=False, verbose_name='已核对')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='修改时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'verbose_name': '一表通表样',
                'verbose_name_plural': '一表通表样',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='FormFilling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=80, verbose_name='区域')),
                ('as_of', models.DateField(verbose_name='截至日期')),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='行数')),
                ('notes', fupin.crypt.fields.EncryptedJSON(blank=True, default=list, max_length=10000000, verbose_name='留空的')),
                ('masked', models.JSONField(default=list, verbose_name='脱敏的')),
                ('checked', models.PositiveIntegerField(default=0, verbose_name='勾稽项数')),
                ('wrong', models.JSONField(default=list, verbose_name='勾稽不符的')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='填表时间')),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fillings', to='onetable.bureauform', verbose_name='表样')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='填表人')),
            ],
            options={
                'verbose_name': '一表通填表记录',
                'verbose_name_plural': '一表通填表记录',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='SavedMeaning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(blank=True, max_length=14, verbose_name='单位')),
                ('signature', models.CharField(max_length=64, verbose_name='表头摘要')),
                ('said', models.JSONField(default=dict, verbose_name='对应')),
                ('saved_at', models.DateTimeField(auto_now=True, verbose_name='保存时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '记住的一表通对应',
                'verbose_name_plural': '记住的一表通对应',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('signature', 'unit'), name='meaning_once_a_header')],
            },
        ),
    ]
