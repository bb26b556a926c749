"""How the API pages: by key, so that page 10,000 costs what page 1 costs."""

from rest_framework.pagination import CursorPagination


class ByKey(CursorPagination):
    """A page of rows in the order of their keys, oldest first; `page_size` up to 1,000."""

    ordering = "pk"
    page_size_query_param = "page_size"
    max_page_size = 1000
