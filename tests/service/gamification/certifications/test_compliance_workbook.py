"""Who fulfils a certification, as a workbook for who runs the community."""

import io

from openpyxl import load_workbook

from chassis.tabular import XLSX_TYPE
from tests.service.gamification.certifications.test_certifications import DAY, attend, certification, clock
from tests.service.gamification.stage import NOON

FORMULA = '=HYPERLINK("https://example.com","点我")'


async def table(one, certified, language="zh-CN"):
    path = f"/v1/certifications/{certified['id']}/compliance/xlsx"
    answer = await one.client.get(path, headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX_TYPE), answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="certification-{certified["id"]}.xlsx"'
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()], sheet


async def test_each_department_and_grade_has_a_row_and_the_last_sums_them_up(scene):
    await scene.tell_department("D7", "生产部")
    two = await scene.members(2)
    for member, grade in zip(two, ("P5", "P6"), strict=True):
        await scene.works(member, department_code="D7", job_grade=grade)
    one = await certification(scene, department_codes=["D7"])
    await attend(scene, two[0], NOON + DAY)
    await clock(scene, NOON + 40 * DAY)
    (header, *rows), _ = await table(scene.operator, one)
    assert header[5:] == ["应持证", "已持证", "待完成", "已逾期"]
    assert [row[2:] for row in rows] == [
        ["D7", "生产部", "P5", 1, 1, 0, 0],
        ["D7", "生产部", "P6", 1, 0, 0, 1],
        [None, "合计", None, 2, 1, 0, 1],
    ]
    (header, *rows), _ = await table(scene.operator, one, "en")
    assert (header[0], rows[0][0], rows[-1][3]) == ("Certification", "Fire safety", "Total")
    assert (await two[0].client.get(f"/v1/certifications/{one['id']}/compliance/xlsx")).status_code == 403


async def test_names_that_look_like_formulas_are_texts(scene):
    await scene.tell_department("D7", FORMULA)
    member = await scene.member()
    await scene.works(member, department_code="D7", job_grade="=1+1")
    one = await certification(scene, title_zh=FORMULA, department_codes=["D7"])
    (_, row, _), sheet = await table(scene.operator, one)
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    assert [str(row[place]).endswith(said) for place, said in ((0, FORMULA), (3, FORMULA), (4, "=1+1"))] == [True] * 3
