"""Groups 小组: members who help one another, formed by themselves or put together by those who run the community."""
