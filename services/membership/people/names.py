"""Under which keys a person is found: name, number, full pinyin, initials. Pure, and the same for storing and for asking.

A key is found by its beginning, so a name is also kept from each later syllable or word on: wei and 伟 find 张伟.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import islice, product

MAX_KEY = 100
_MAX_READINGS = 8
_MAX_KEYS = 24

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
# Dots between the parts of a name that are mathematical signs by their category, and a graphic one.
_DOTS = "∙⋅●"

# Readings as surnames where they differ from the usual one, or where both are heard.
_SURNAMES: dict[str, tuple[str, ...]] = {
    "单": ("shan",), "曾": ("zeng",), "仇": ("qiu",), "区": ("ou",), "解": ("xie",), "查": ("zha",), "任": ("ren",),
    "盖": ("ge", "gai"), "朴": ("piao", "pu"), "种": ("chong",), "秘": ("bi",), "翟": ("zhai", "di"), "乐": ("yue", "le"),
    "华": ("hua",), "宁": ("ning",), "逄": ("pang",), "繁": ("po",), "缪": ("miao",), "员": ("yun",), "覃": ("qin", "tan"),
    "重": ("chong",), "召": ("shao",), "折": ("she",), "黑": ("he",), "盛": ("sheng",), "燕": ("yan",), "应": ("ying",),
    "曲": ("qu",), "葛": ("ge",), "冼": ("xian",), "洗": ("xian",), "晁": ("chao",), "纪": ("ji",), "干": ("gan",),
    "乜": ("nie",), "那": ("na",), "藏": ("zang",), "谌": ("chen", "shen"), "隗": ("wei", "kui"), "车": ("che",),
    "石": ("shi",), "沈": ("shen",), "郇": ("xun", "huan"), "牟": ("mou", "mu"), "阚": ("kan",), "佴": ("nai",),
    "句": ("gou",), "尉": ("wei",), "宓": ("mi", "fu"), "俞": ("yu",), "卜": ("bu",), "祭": ("zhai",), "撒": ("sa",),
    "幺": ("yao",), "都": ("du",), "柏": ("bai", "bo"), "薄": ("bo",), "过": ("guo",), "於": ("yu",), "贾": ("jia",),
    "塔": ("ta",), "哈": ("ha",), "适": ("kuo",), "洪": ("hong",), "眭": ("sui",), "尹": ("yin",), "谷": ("gu",),
    "能": ("nai", "neng"), "强": ("qiang", "jiang"), "郗": ("xi", "chi"), "郄": ("qie", "xi"), "角": ("jue", "jiao"),
    "六": ("lu", "liu"), "费": ("fei", "bi"), "相": ("xiang",), "降": ("xiang", "jiang"), "贠": ("yun",), "镡": ("tan", "chan"),
    "隽": ("juan", "jun"), "莘": ("shen", "xin"), "长": ("chang", "zhang"), "行": ("xing", "hang"), "便": ("pian",),
    "教": ("jiao",), "曹": ("cao",), "筰": ("zuo",), "么": ("yao",), "鲍": ("bao",), "臧": ("zang",), "咸": ("xian",),
}  # fmt: skip

_COMPOUND_SURNAMES: dict[str, tuple[str, str]] = {
    "欧阳": ("ou", "yang"), "太史": ("tai", "shi"), "端木": ("duan", "mu"), "上官": ("shang", "guan"),
    "司马": ("si", "ma"), "东方": ("dong", "fang"), "独孤": ("du", "gu"), "南宫": ("nan", "gong"), "万俟": ("mo", "qi"),
    "闻人": ("wen", "ren"), "夏侯": ("xia", "hou"), "诸葛": ("zhu", "ge"), "尉迟": ("yu", "chi"), "公羊": ("gong", "yang"),
    "赫连": ("he", "lian"), "澹台": ("tan", "tai"), "皇甫": ("huang", "fu"), "宗政": ("zong", "zheng"),
    "濮阳": ("pu", "yang"), "公冶": ("gong", "ye"), "太叔": ("tai", "shu"), "申屠": ("shen", "tu"), "公孙": ("gong", "sun"),
    "慕容": ("mu", "rong"), "仲孙": ("zhong", "sun"), "钟离": ("zhong", "li"), "长孙": ("zhang", "sun"),
    "宇文": ("yu", "wen"), "司徒": ("si", "tu"), "鲜于": ("xian", "yu"), "司空": ("si", "kong"), "令狐": ("ling", "hu"),
    "单于": ("chan", "yu"), "乐正": ("yue", "zheng"), "轩辕": ("xuan", "yuan"), "呼延": ("hu", "yan"),
    "拓跋": ("tuo", "ba"), "百里": ("bai", "li"), "东郭": ("dong", "guo"), "西门": ("xi", "men"), "南门": ("nan", "men"),
    "梁丘": ("liang", "qiu"), "左丘": ("zuo", "qiu"), "第五": ("di", "wu"), "歐陽": ("ou", "yang"), "司馬": ("si", "ma"),
    "諸葛": ("zhu", "ge"), "長孫": ("zhang", "sun"), "單于": ("chan", "yu"), "尉遲": ("yu", "chi"),
}  # fmt: skip

# Characters of given names that are read in two ways; one cannot tell from the writing.
_GIVEN: dict[str, tuple[str, ...]] = {
    "乐": ("le", "yue"), "行": ("xing", "hang"), "朝": ("chao", "zhao"), "长": ("chang", "zhang"), "茜": ("qian", "xi"),
    "晟": ("sheng", "cheng"), "娜": ("na", "nuo"), "重": ("chong", "zhong"), "曾": ("zeng", "ceng"), "盛": ("sheng", "cheng"),
    "朴": ("pu", "piao"), "单": ("dan", "shan"), "和": ("he",), "冠": ("guan",), "藏": ("cang", "zang"), "都": ("du", "dou"),
}  # fmt: skip

_TRADITIONAL_SURNAMES = str.maketrans(
    "單區種樂華寧員應燕車沈過於賈紀蓋畢繆強長費貟鐔雋", "单区种乐华宁员应燕车沈过于贾纪盖毕缪强长费贠镡隽"
)


def search_key(text: str) -> str:
    """What someone types, as it is compared with the keys: NFKC, lower case, without spaces, dots, hyphens, apostrophes.

    ü is v, as keyboards for Chinese have it.
    """
    return _together(text).replace("ü", "v")[:MAX_KEY]


def _together(text: str) -> str:
    key, before = text, None
    # What stood apart may compose once the space between is gone (u and a lone ¨), so go on until nothing changes.
    for _ in range(4):
        if key == before:
            break
        before, key = key, "".join(filter(_is_searched, unicodedata.normalize("NFKC", key).casefold()))
    return key


@lru_cache(maxsize=4096)
def _is_searched(character: str) -> bool:
    """Not what stands between the parts of a name: space, punctuation, marks that stand alone, controls."""
    category = unicodedata.category(character)
    return category[0] not in "PZ" and category not in {"Sk", "Cc", "Cf"} and character not in _DOTS


def name_keys(display_name: str, employee_no: str | None = None) -> list[str]:
    """Every key under which a person of this name and number is found, without repetition."""
    keys: dict[str, None] = {}
    words = unicodedata.normalize("NFKC", display_name).casefold().split()
    for start in range(len(words)):
        keys.setdefault(search_key("".join(words[start:])))
    han = _HAN.findall(display_name)
    if han:
        for start in range(1, min(len(han), 6)):
            keys.setdefault(search_key("".join(han[start:])))
        for syllables in _readings("".join(han)):
            for start in range(min(len(syllables), 6)):
                full = "".join(syllables[start:])
                keys.setdefault(full)
                # Keyboards write ü as v, passports as yu, and who has neither at hand as u.
                keys.setdefault(full.replace("v", "yu"))
                keys.setdefault(full.replace("v", "u"))
            keys.setdefault("".join(syllable[0] for syllable in syllables))
    if employee_no:
        keys.setdefault(search_key(employee_no))
    return list(islice(dict.fromkeys(key[:MAX_KEY] for key in keys if key), _MAX_KEYS))


def sort_key(display_name: str) -> str:
    """By what lists of people are sorted: pinyin for Chinese names, the name itself otherwise."""
    han = "".join(_HAN.findall(display_name))
    if not han:
        return _together(display_name)[:MAX_KEY]
    return " ".join(_readings(han)[0])[:MAX_KEY]


def _readings(name: str) -> list[tuple[str, ...]]:
    """The ways to say a name written in Chinese characters, the likeliest first."""
    usual = _usual(name)
    surname = _COMPOUND_SURNAMES.get(name[:2]) if len(name) > 2 else None
    if surname is not None:
        first: list[tuple[str, ...]] = [(surname[0],), (surname[1],)]
    else:
        head = name[0].translate(_TRADITIONAL_SURNAMES)
        first = [_SURNAMES.get(head) or usual[:1]]
    rest = [_GIVEN.get(name[position], (usual[position],)) for position in range(len(first), len(name))]
    return list(islice(product(*first, *rest), _MAX_READINGS))


@lru_cache(maxsize=256)
def _usual(name: str) -> tuple[str, ...]:
    # Asked for the keys and again for the order. Loading the dictionary takes 150 ms, which a command that finds nobody should not pay.
    from pypinyin import Style, lazy_pinyin

    # A character that the dictionary lacks stays as it is, so that there is one syllable for each.
    return tuple(lazy_pinyin(name, style=Style.NORMAL, errors=list, v_to_u=False))  # type: ignore[arg-type]
