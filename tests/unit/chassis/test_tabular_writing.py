import csv
import io

import pytest

from chassis.tabular.writing import csv_file


@pytest.mark.parametrize("begins", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "＠x"])
def test_what_a_spreadsheet_would_calculate_is_text(begins):
    ((cell,),) = csv.reader(io.StringIO(csv_file([[begins]]).decode("utf-8-sig"), newline=""))
    assert cell == f"'{begins}"


def test_other_text_stays_as_it_is():
    rows = [["姓名", "a,b", 'say "x"'], ["张伟", "00123", "two\nlines"]]
    content = csv_file(rows)
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == rows
