"""What is said about files of questions, in English and in Chinese."""

from typing import Final

from assessment.limits import CODES

Texts = dict[str, tuple[str, str]]

REFUSALS: Final[Texts] = {
    **CODES,
    "wrong_encoding": (
        "Its characters are damaged: bytes that do not fit the encoding of the file.",
        "文字已损坏：含有不符合文件编码的字节。",
    ),
    "not_a_number": ("This is no number: {said}", "这不是数字：{said}"),
    "upside_down": ("The first number of the range is the greater one: {said}", "区间的起点大于终点：{said}"),
    "setting": ("No setting has this value: {said}", "没有这样的设置值：{said}"),
    "braces": (
        "The braces do not match: one {{ and one }} enclose the answers, and others have a backslash before them.",
        "花括号不配对：答案须由一对 {{ 和 }} 括起，其他花括号前须加反斜杠。",
    ),
    "no_arrow": ("This pair has no ->: {said}", "配对项缺少 ->：{said}"),
    "no_choices": ("It has no choices.", "没有选项。"),
    "no_answer": ("It has no answer.", "没有答案。"),
    "no_question": ("There is no question before these choices.", "选项前没有题干。"),
    "wrong_letter": ("The answer {said} is none of the choices.", "答案 {said} 不在选项中。"),
    "several_right": (
        "This format holds one right answer to a question, not {said}.",
        "该格式的每道题只能有一个正确答案，不能是 {said}。",
    ),
    "no_headings": (
        "No row has the headings of a table of questions: at least 题干 and 答案, or their English names.",
        "找不到试题表的表头：至少需要“题干”和“答案”两列。",
    ),
    "heading_twice": ("Two columns have the same meaning: {said}", "列重复：{said}"),
    "unknown_kind": ("No kind of question has this name: {said}", "没有这种题型：{said}"),
    "unclear_kind": (
        "The kind of question does not follow from what it has: name it in the column 题型.",
        "无法判断题型，请填写“题型”列。",
    ),
    "unclear_answer": (
        "The answer is neither letters of choices nor the text of one: {said}",
        "答案既不是选项字母，也不是选项内容：{said}",
    ),
    "true_or_false": ("The answer is neither true nor false: {said}", "答案不是“对”或“错”：{said}"),
    "not_every_choice": ("The order must name each choice once: {said}", "排序答案须列出每个选项各一次：{said}"),
    "count_of_blanks": (
        "The text has {blanks} blanks, and the answer fills {said}.",
        "题干有 {blanks} 个空，答案却给出 {said} 个。",
    ),
    "unknown_value": ("“{said}” is no value of {column}.", "“{column}”不能是“{said}”。"),
    "bad_cell": ("The cell of {column} cannot be read: {said}", "“{column}”的单元格无法读取：{said}"),
    "cell_too_long": (
        "The cell of {column} is longer than {limit} characters.",
        "“{column}”的单元格超过 {limit} 个字符。",
    ),
    "bad_row": ("The row cannot be read: {said}", "无法读取该行：{said}"),
    "not_xml": (
        "The file is no Moodle XML: it does not begin with <quiz>.",
        "该文件不是 Moodle XML：开头不是 <quiz>。",
    ),
    "has_dtd": (
        "The file has a document type declaration or entities of its own, which are not read.",
        "该文件含有文档类型声明或自定义实体，不予读取。",
    ),
    "too_many_questions": (
        "The file goes on, but no more than {limit} questions are read of one: split it.",
        "文件仍有内容，但每个文件最多读取 {limit} 题，请拆分。",
    ),
    "too_large": ("The file is larger than {limit} MiB.", "文件超过 {limit} MiB。"),
    "unknown_encoding": (
        "The file says that it is written in {said}, which is not read: save it as UTF-8.",
        "文件声明的编码 {said} 不受支持，请另存为 UTF-8。",
    ),
    "damaged_xml": ("The XML is damaged here: {said}", "XML 在此处损坏：{said}"),
    "too_damaged": (
        "The XML is damaged in too many places, here again: the rest was not read.",
        "XML 损坏处过多，自此处起不再读取。",
    ),
    "too_big_question": ("The question is larger than is read, or nested too deeply.", "该题过大或嵌套过深。"),
    "no_type": ("The question has no type.", "该题没有题型。"),
    "bad_base64": ("The content of the picture {said} is damaged.", "图片 {said} 的内容已损坏。"),
    "picture_too_large": ("The picture {said} is too large, or there are too many.", "图片 {said} 过大，或图片过多。"),
}
"""Why a question, or a whole file, cannot be taken: the codes of `assessment.limits`, and those of the formats."""

SKIPPED: Final[Texts] = {
    "*": ("What is called {name} is not held here.", "本系统不支持“{name}”。"),
    "description": ("A text without a question is not held here.", "没有问题的说明文字不予导入。"),
    "hidden": ("It is hidden: an old version, or deleted.", "该题已隐藏（旧版本或已删除）。"),
    "category_info": ("What is said about a category is not held here.", "分类的说明文字不予导入。"),
    "column": ("No column of this name is read: {name}", "不读取该列：{name}"),
    "note": ("This row is a note: {name}", "该行是说明文字：{name}"),
    "pictures": (
        "Pictures of a workbook belong to no row: take Moodle XML for questions with pictures.",
        "工作簿中的图片不属于任何一行：含图片的试题请使用 Moodle XML。",
    ),
}
"""Why something is skipped, by its name; `*` for every other."""

PARTS: Final[Texts] = {
    "text": ("Text", "题干"),
    "explanation": ("Explanation", "解析"),
    "rubric": ("Rubric", "评分标准"),
    "name": ("Name", "名称"),
    "when_right": ("Feedback when right", "答对反馈"),
    "when_wrong": ("Feedback when wrong", "答错反馈"),
    "choices": ("Choice", "选项"),
    "stems": ("Stem", "配对题干"),
    "blanks": ("Blank", "空"),
    "marks": ("Marks", "分值"),
    "deduction": ("Deduction", "扣分"),
    "difficulty": ("Difficulty", "难度"),
    "partial": ("Partial marks", "部分得分"),
    "category": ("Category", "分类"),
    "tags": ("Tag", "标签"),
    "id_number": ("Id number", "编号"),
    "pictures": ("Picture", "图片"),
}
"""What the parts of a question are called."""

LEFT_OUT: Final[Texts] = {
    "kind": ("The format has no questions of this kind.", "该格式没有这种题型。"),
    "blanks": ("The format has no questions with several blanks.", "该格式不支持多个空的填空题。"),
    "weights": ("The format has no weights of choices.", "该格式不支持选项权重。"),
    "same_choices": (
        "Two choices say the same, which the format takes for one.",
        "有两个选项内容相同，该格式会视为一个。",
    ),
    "arrow": ("An answer has ->, which the format reads as a pair.", "答案中含有 ->，该格式会视为配对。"),
    "mixed_blank": (
        "The blank takes numbers and texts, and the format only one of them.",
        "该空同时接受数字和文字，该格式只支持其一。",
    ),
    "number": ("A number has more digits than the format holds.", "数字位数超出该格式所能表示的范围。"),
    "wildcard": (
        "An answer has a wildcard or a star that the format cannot say.",
        "答案含有该格式无法表示的通配符或星号。",
    ),
    "one_right": ("The format holds one right answer, and no weights.", "该格式只支持一个正确答案，且不支持权重。"),
    "lines": ("Its text reads like a choice or an answer of the format.", "题目内容会被该格式误读为选项或答案。"),
    "marks": (
        "Marks, or how parts of an answer are paid: other programs do not read these.",
        "分值或部分得分方式：其他程序不会读取。",
    ),
    "settings": ("Settings: other programs do not read these.", "部分设置：其他程序不会读取。"),
    "tags": ("Left out: tags and difficulty.", "已略去：标签和难度。"),
    "category": ("Left out: the category.", "已略去：分类。"),
    "name": ("Left out: the name.", "已略去：名称。"),
    "explanation": ("Left out: the explanation.", "已略去：解析。"),
    "feedback": ("Left out: feedback on an answer.", "已略去：针对答案的反馈。"),
    "combined_feedback": ("Left out: feedback for right and wrong answers.", "已略去：答对、答错时的反馈。"),
    "rubric": ("Left out: the rubric.", "已略去：评分标准。"),
    "pictures": ("Left out: pictures.", "已略去：图片。"),
    "outside_pictures": ("Left out: pictures that are kept elsewhere.", "已略去：存放在外部的图片。"),
    "media": ("Left out: files that are no pictures.", "已略去：非图片文件。"),
    "texts_of_choices": ("Left out: what the choices of a true/false question say.", "已略去：判断题选项的文字。"),
    "choices": ("Left out: choices, which questions of this kind have none of.", "已略去：选项（该题型没有选项）。"),
    "answer": ("Left out: the answer: pairs stand in the choices.", "已略去：答案（配对写在选项中）。"),
    "cells": ("Left out: cells below no heading.", "已略去：没有表头的单元格。"),
    "id_number": ("Left out: the id number.", "已略去：编号。"),
    "hints": ("Left out: hints.", "已略去：提示。"),
    "partial_feedback": ("Left out: feedback for answers that are partly right.", "已略去：部分正确时的反馈。"),
    "selection": ("Left out: that only some of the choices are shown.", "已略去：仅显示部分选项的设置。"),
    "units": ("Left out: units of numbers.", "已略去：数字的单位。"),
    "grading_rule": ("Left out: another rule for what a part of an answer is worth.", "已略去：另一种部分得分规则。"),
    "response_template": (
        "Left out: what stands in the answer from the beginning, or files of it.",
        "已略去：答题模板或附件要求。",
    ),
}
"""What a question has that is not held: by us of what a file says, or by a format of what we hold."""
