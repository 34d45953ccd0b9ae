"""In what words are looked for, and how."""

from hypothesis import example, given
from hypothesis import strategies as st

from services.content.search.cutting import understood
from services.content.search.ranking import comparable, counter, in_place

WRITTEN = st.text(
    st.one_of(st.sampled_from("绩績效效aAＡａ1１，,。・　 _＿-ﾃテ々〇ßµ⽤用舖铺\U0001f600\U0002f800"), st.characters()),
    max_size=40,
)


@given(WRITTEN, WRITTEN)
@example("ＫＰＩ績效，考核", "kpi 绩效考核")
@example("⽤，户舖", '用户铺 "用户"')
def test_words_are_found_in_what_is_compared_as_in_the_whole_text_folded(text, typed):
    looked_for = understood(typed)
    compared, whole = comparable(text), in_place(text)
    assert len(compared) == len(text)
    for term in (*looked_for.words, *looked_for.exact, *looked_for.without):
        assert counter(term)(compared) == counter(term)(whole)
