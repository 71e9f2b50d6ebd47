"""Addresses of the dashboard."""

from django.urls import path

from fupin.board import views

urlpatterns = [
    path("board/", views.board, name="board"),
    path("board/count/", views.board_count, name="board_count"),
    path("board/table/<slug:name>/", views.board_table, name="board_table"),
]
