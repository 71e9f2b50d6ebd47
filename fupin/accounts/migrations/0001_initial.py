import django.db.models.deletion
import django.utils.timezone
import fupin.crypt.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('regions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True, verbose_name='用户名')),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('unit', models.CharField(blank=True, max_length=80, verbose_name='单位')),
                ('phone', fupin.crypt.fields.Encrypted(blank=True, max_length=20, verbose_name='联系电话')),
                ('is_active', models.BooleanField(default=True, verbose_name='启用')),
                ('password_until', models.DateTimeField(blank=True, null=True, verbose_name='一次性密码有效至')),
                ('password_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='密码设定时间')),
                ('otp', models.CharField(choices=[('role', '按角色'), ('on', '开启'), ('demo', '演示账号')], default='role', max_length=8, verbose_name='两步验证')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='创建时间')),
            ],
            options={
                'verbose_name': '用户',
                'verbose_name_plural': '用户',
                'ordering': ['username'],
            },
        ),
        migrations.CreateModel(
            name='LoginSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=60, unique=True, verbose_name='用户名')),
                ('free_at', models.DateTimeField(verbose_name='下次可试')),
            ],
            options={
                'verbose_name': '登录间隔',
                'verbose_name_plural': '登录间隔',
            },
        ),
        migrations.CreateModel(
            name='Authenticator',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='authenticator', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='用户')),
                ('secret', fupin.crypt.fields.Encrypted(max_length=64, verbose_name='密钥')),
                ('last_step', models.BigIntegerField(default=0, verbose_name='最后用过的时间步')),
                ('since', models.DateTimeField(auto_now_add=True, verbose_name='启用时间')),
            ],
            options={
                'verbose_name': '动态码',
                'verbose_name_plural': '动态码',
            },
        ),
        migrations.CreateModel(
            name='KnownPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=60, verbose_name='用户名')),
                ('address', models.GenericIPAddressField(verbose_name='来源地址')),
                ('at', models.DateTimeField(verbose_name='最后登录')),
            ],
            options={
                'verbose_name': '登录过的地址',
                'verbose_name_plural': '登录过的地址',
                'constraints': [models.UniqueConstraint(fields=('username', 'address'), name='known_place_once')],
            },
        ),
        migrations.CreateModel(
            name='LoginFailure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(default='login', max_length=8, verbose_name='种类')),
                ('username', models.CharField(max_length=60, verbose_name='用户名')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='来源地址')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='时间')),
            ],
            options={
                'verbose_name': '登录失败',
                'verbose_name_plural': '登录失败',
                'indexes': [models.Index(fields=['username', 'at'], name='failure_username_at'), models.Index(fields=['address', 'at'], name='failure_address_at')],
            },
        ),
        migrations.CreateModel(
            name='LoginTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8, verbose_name='种类')),
                ('account', models.BigIntegerField(verbose_name='账号编号')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='来源地址')),
                ('since', models.DateTimeField(verbose_name='开始')),
                ('failed', models.PositiveIntegerField(default=0, verbose_name='密码或动态码不对')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='未看即拒绝')),
                ('told', models.PositiveIntegerField(default=0, verbose_name='已记入审计')),
            ],
            options={
                'verbose_name': '登录失败合计',
                'verbose_name_plural': '登录失败合计',
                'indexes': [models.Index(fields=['since'], name='tally_since')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'account', 'address'), name='tally_once')],
            },
        ),
        migrations.CreateModel(
            name='OldPassword',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='密码摘要')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='更换时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='old_passwords', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '用过的密码',
                'verbose_name_plural': '用过的密码',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('handle', models.CharField(db_index=True, max_length=16, verbose_name='编号')),
                ('since', models.DateTimeField(verbose_name='登录时间')),
                ('seen', models.DateTimeField(verbose_name='最后使用')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='来源地址')),
                ('agent', models.CharField(blank=True, max_length=60, verbose_name='设备')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('village_clerk', '村级信息员'), ('work_team', '驻村工作队员'), ('helper', '帮扶责任人'), ('township_operator', '乡镇经办'), ('township_lead', '乡镇分管领导'), ('county_office', '县业务局'), ('bureau', '行业部门'), ('finance', '财政'), ('project_unit', '项目单位'), ('organisation', '组织部'), ('auditor', '审计/纪检'), ('leader', '县领导'), ('system_admin', '系统管理员'), ('security_admin', '安全管理员'), ('audit_admin', '审计管理员'), ('administrator', '总管理员')], max_length=20, verbose_name='角色')),
                ('subject', models.CharField(blank=True, choices=[('health', '卫健'), ('disability', '残联'), ('education', '教育'), ('civil', '民政'), ('labour', '人社'), ('medical', '医保'), ('housing', '住建'), ('water', '水利')], max_length=12, verbose_name='行业')),
                ('unit', models.CharField(blank=True, max_length=80, verbose_name='单位')),
                ('starts_on', models.DateField(verbose_name='开始')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='结束')),
                ('waits', models.BooleanField(default=False, verbose_name='待复核')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('opened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='授予人')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='regions.region', verbose_name='区域')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '岗位',
                'verbose_name_plural': '岗位',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='post_ends_after_start', violation_error_message='结束日期不能早于开始日期。'), models.CheckConstraint(condition=models.Q(models.Q(('role', 'bureau'), models.Q(('subject', ''), _negated=True)), models.Q(models.Q(('role', 'bureau'), _negated=True), ('subject', '')), _connector='OR'), name='post_subject_of_a_bureau', violation_error_message='“行业部门”须选行业，其他角色没有行业。'), models.CheckConstraint(condition=models.Q(models.Q(('role', 'project_unit'), models.Q(('unit', ''), _negated=True)), models.Q(models.Q(('role', 'project_unit'), _negated=True), ('unit', '')), _connector='OR'), name='post_unit_of_a_project_unit', violation_error_message='“项目单位”须填单位，与项目的牵头单位或责任单位同名；其他角色不填。')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '恢复码',
                'verbose_name_plural': '恢复码',
                'constraints': [models.UniqueConstraint(fields=('user', 'digest'), name='recovery_code_once')],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(verbose_name='提交号')),
                ('digest', models.CharField(max_length=64, verbose_name='内容摘要')),
                ('location', models.CharField(max_length=300, verbose_name='结果')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '已生效的提交',
                'verbose_name_plural': '已生效的提交',
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='submission_once')],
            },
        ),
    ]
