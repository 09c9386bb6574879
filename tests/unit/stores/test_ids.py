from urllib.parse import quote, unquote

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from stores.http.ids import StoreIdConverter

converter = StoreIdConverter()
ids = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=100
)


@given(ids)
@example("a/b")
@example(".")
@example("..")
@example("~")
@example("~YQ")
@example("100%25")
def test_any_id_comes_back_from_its_segment(store_id):
    segment = converter.to_url(store_id)
    assert "/" not in segment
    assert segment not in {".", ".."}
    assert converter.to_python(unquote(quote(segment, safe=""))) == store_id


@pytest.mark.parametrize("segment", ["a\0", "~AA", "~!", "~_w", "~a", "~é"])
def test_it_refuses_what_is_no_id(segment):
    with pytest.raises(ValueError):  # noqa: PT011 - any of them means that there is no such page
        converter.to_python(segment)
