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
            name='ImportBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='编号')),
                ('name', models.CharField(max_length=200, verbose_name='文件名')),
                ('file', models.CharField(max_length=120, verbose_name='文件')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='摘要')),
                ('size', models.PositiveIntegerField(default=0, verbose_name='字节数')),
                ('kind', models.CharField(blank=True, max_length=20, verbose_name='类别')),
                ('title', models.CharField(blank=True, max_length=40, verbose_name='内容')),
                ('year', models.PositiveSmallIntegerField(null=True, verbose_name='数据年度')),
                ('as_of', models.DateField(verbose_name='截至日期')),
                ('region_path', models.CharField(blank=True, max_length=14, verbose_name='区域')),
                ('home', models.CharField(blank=True, db_index=True, max_length=14, verbose_name='导入人辖区')),
                ('policy', models.CharField(default='good', max_length=4, verbose_name='有错时')),
                ('state', models.CharField(choices=[('checking', '正在检查'), ('checked', '待提交'), ('writing', '正在写入'), ('done', '已导入'), ('refused', '不能导入'), ('failed', '写入失败'), ('undoing', '正在撤销'), ('undone', '已撤销'), ('discarded', '已放弃')], default='checked', max_length=10, verbose_name='状态')),
                ('report', models.JSONField(default=dict, verbose_name='结果')),
                ('kept_issues', fupin.crypt.fields.EncryptedJSON(blank=True, default=list, max_length=10000000, verbose_name='问题')),
                ('mapping', models.JSONField(default=dict, verbose_name='列的对应')),
                ('edits', fupin.crypt.fields.EncryptedJSON(blank=True, default=dict, max_length=10000000, verbose_name='表内更正')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='更正版本')),
                ('columns', models.JSONField(default=list, verbose_name='列对应')),
                ('job', models.UUIDField(blank=True, null=True, verbose_name='后台任务')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('committed_at', models.DateTimeField(blank=True, null=True, verbose_name='写入时间')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='撤销（放弃）时间')),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销（放弃）人')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='import_batches', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '导入批次',
                'verbose_name_plural': '导入批次',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['user', '-id'], name='import_owner')],
            },
        ),
        migrations.CreateModel(
            name='ImportUndo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.BinaryField(verbose_name='写入记录')),
                ('last_event', models.BigIntegerField(verbose_name='审计序号')),
                ('unknown', models.CharField(blank=True, max_length=200, verbose_name='未记录的表')),
                ('until', models.DateTimeField(db_index=True, verbose_name='可撤销至')),
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='undo', to='excel.importbatch', verbose_name='导入批次')),
            ],
            options={
                'verbose_name': '撤销记录',
                'verbose_name_plural': '撤销记录',
            },
        ),
        migrations.CreateModel(
            name='SavedMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(blank=True, max_length=14, verbose_name='单位')),
                ('signature', models.CharField(max_length=64, verbose_name='表头摘要')),
                ('kind', models.CharField(max_length=20, verbose_name='类别')),
                ('said', models.JSONField(default=dict, verbose_name='列的对应')),
                ('saved_at', models.DateTimeField(auto_now=True, verbose_name='保存时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '记住的列对应',
                'verbose_name_plural': '记住的列对应',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('signature', 'unit', 'kind'), name='mapping_once_a_header')],
            },
        ),
    ]
