from tests.fupin.test_onetable_sections import *
from tests.fupin.test_onetable_sections import put, table, officials
from datetime import date
E=""
def forms(book):
    V1,V2,V3=(str(factories.region(p)) for p in (ONE,TWO,THREE))
    put(book,"1标题年", [["填报单位：",E,"截至日期：",E,"单位：万元",None],["村","工资性收入","脱贫户（户）","人均纯收入（元）","村集体经济收入","备注"],[E]*6,["合计"]+[E]*5], title="2025年度收入情况统计表")
    put(book,"2三层", [["序号","村","监测对象",E,E,E,"脱贫户",E],[E,E,"合计",E,"其中：边缘易致贫户",E,"户","人"],[E,E,"户数","人数","户数","人数",E,E],[E]*8,[E]*8,["合计"]+[E]*7], merges=["A1:A3","B1:B3","C1:F1","C2:D2","E2:F2","G1:H1","G2:G3","H2:H3"])
    s=put(book,"3公式合计", [["村","低保户","脱贫户","合计户数"],[E]*4,[E]*4,["合计",E,E,E]]); 
    for r in (2,3): s[f"D{r}"]=f"=B{r}+C{r}"
    for c in "BCD": s[f"{c}4"]=f"=SUM({c}2:{c}3)"
    put(book,"4按组", [["村","组","户数","人口","低保户"],[E]*5,["合计"]+[E]*4], title="村民小组基本情况表")
    put(book,"5上标签", [["脱贫户数","脱贫人口","监测户数"],[E,E,E]], title="主要指标")
    put(book,"6横村", [["指标名称","计量单位",V1,V2,V3,"合计"],["脱贫户","户",E,E,E,E],["脱贫人口","人",E,E,E,E],["低保人口","人",E,E,E,E]], title="各村主要指标对比")
    put(book,"7右标签", [["总户数（户）",E,"总人口（人）",E],["脱贫户（户）",E,"监测户（户）",E],["村集体经济收入（万元）",E,"项目数（个）",E]], title="乡镇概况")
    s=put(book,"8隐藏", [["序号","村","隐藏列","脱贫户"],[E]*4]); s.column_dimensions["C"].hidden=True
    put(book,"9两表", [["村","低保户（户）"],[E,E],["合计",E],[None,None],["指标","数量"],["监测户数（户）",E],["监测人口（人）",E]])
    put(book,"10两表横", [["村","低保户（户）",None,"村","监测户（户）"],[E,E,None,E,E]])
    put(book,"11家庭成员", [["序号","户主姓名","姓名","与户主关系","性别","年龄","身份证号码","健康状况","劳动能力","是否在校"],[E]*10], title="建档立卡户家庭成员花名册")
    put(book,"12月度", [["村","本月新增监测户","本月消除户","累计监测户"],[E]*4], title="2026年11月监测对象月报表")
    put(book,"13项目", [["序号","项目名称","所在村","建设内容","总投资","其中：中央资金","完工日期","状态"],[E]*8,["合计"]+[E]*7], title="项目明细表（单位：万元）")
    put(book,"14占比", [["村","户数","脱贫户","占比（%）"],[E]*4,["合计",E,E,E]])
    put(book,"15平均", [["村","脱贫户数","脱贫人口"],[E]*3,["平均",E,E],["合计",E,E]])
    put(book,"16比上年", [["指标","单位","本年","上年","增减"],["脱贫户","户",E,E,E],["监测户","户",E,E,E],["人均纯收入","元",E,E,E]], title="对比表")
    put(book,"17年列", [["指标","2024年","2025年","2026年"],["脱贫户数（户）",E,E,E],["低保户数（户）",E,E,E]], title="三年对比")
    put(book,"18原因", [["村","因病","因残","因学","缺技术","其他","合计"],[E]*7,["合计"]+[E]*6], title="致贫原因分析表（户）")
    put(book,"19性别年龄", [["村","男","女","60岁以上","16-59岁","残疾人"],[E]*6], title="脱贫人口结构表")
    put(book,"20收入", [["户主姓名","家庭人口","工资性收入","经营性收入","转移性收入","人均纯收入"],[E]*6,["合计"]+[E]*5], title="脱贫户收入明细表（单位：元）")
    put(book,"21走访", [["村","应走访户数","已走访户数","走访率","未走访户数"],[E]*5,["合计"]+[E]*4])
    put(book,"22小计在上", [["村","户数","人数"],["合计",E,E],[E,E,E],[E,E,E]])
    put(book,"23甲乙", [["村","户数（户）","人数（人）"],["甲",1,2],[E,E,E]])
    put(book,"24资金", [["资金来源","下达（万元）","拨付（万元）","支付（万元）","支付率"],["中央资金",E,E,E,E],["省级资金",E,E,E,E],["合计",E,E,E,E]], title="资金使用情况表")
    put(book,"25类别项", [["项目类别","项目数（个）","总投资（万元）","受益户数"],["产业发展",E,E,E],["农村道路",E,E,E],["合计",E,E,E]], title="项目分类统计表")
    put(book,"26村情", [["村名","总户数","总人口","耕地面积（亩）","党员人数","村集体经济收入","第一书记"],[E]*7], title="村情（金额：元）")
    put(book,"27已填户", [["序号","户主姓名","家庭人口","致贫原因"],["1","张不在",E,E]], title="核查表")
    put(book,"28空标题", [["村","","户数"],[E,E,E]])
    put(book,"29住房饮水", [["村","危房户（户）","安全饮水户","饮水困难户","未参保人数","辍学人数"],[E]*6], title="三保障情况")
    put(book,"30监测三类", [["乡镇","村","监测对象总数",E,"其中",E,E,E,E,E],[E,E,"户","人","脱贫不稳定户",E,"边缘易致贫户",E,"突发严重困难户",E],[E,E,E,E,"户","人","户","人","户","人"],[E]*10], merges=["A1:A3","B1:B3","C1:D1","E1:J1","C2:C3","D2:D3","E2:F2","G2:H2","I2:J2"], title="监测对象统计")
    put(book,"31措施", [["户主姓名","帮扶措施","帮扶责任人","责任人单位","联系电话"],[E]*5], title="脱贫户帮扶措施台账")
    put(book,"32地名段", [["村","户数","人口"],["一、测试镇00",E,E],[E,E,E],["小计",E,E],["合计",E,E]], merges=["A2:C2"])

def test_forms2(login):
    officials()
    client = login(factories.user(at="990101"))
    book = new_book(); forms(book)
    form, _ = upload(client, book)
    page = client.get(reverse("onetable_columns", args=[form.uid])).context["page"]
    for s in page.sections:
        print(s["block"].sheet, s["kind"], s["base"], s["block"].section, [(p.where, p.title, p.text, p.state) for p in s["places"]])
    confirm(client, form)
    out = filled(client, form)
    for sheet in out:
        print(sheet.title)
        for line in table(sheet): print("   ", line)
    for n in FormFilling.objects.get().notes: print(n)
    print(FormFilling.objects.get().wrong)
