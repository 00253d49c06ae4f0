from django.urls import path

from guicang.desk.views import acts, books, counter, home, imports, orders, returns, stock, system, users, webhooks

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("me/", home.me, name="me"),
    path("resume/<str:key>/", home.resume, name="resume"),
    path("returns/", returns.worklist, name="worklist"),
    path("returns/batch/", acts.batch, name="batch"),
    path("returns/<uuid:pk>/", returns.sheet, name="return"),
    path("returns/<uuid:pk>/receipt/", counter.receipt, name="receipt"),
    path("returns/<uuid:pk>/<str:command>/", acts.act, name="act"),
    path("orders/", orders.search, name="orders"),
    path("orders/<uuid:pk>/", orders.sheet, name="order"),
    path("orders/<uuid:pk>/return/", acts.request_return, name="request"),
    path("orders/<uuid:pk>/counter/", counter.counter, name="counter"),
    path("stock/", stock.levels, name="stock"),
    path("stock/<uuid:pk>/", stock.moves, name="moves"),
    path("journal/", books.journal, name="journal"),
    path("proofs/", system.verify, name="verify"),
    path("imports/", imports.history, name="imports"),
    path("imports/<uuid:pk>/", imports.sheet, name="import"),
    path("imports/<uuid:pk>/rows.csv", imports.rows, name="import_rows"),
    path("users/", users.users, name="users"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<uuid:pk>/", webhooks.webhook, name="webhook"),
    path("database/", system.start, name="start"),
    path("healthz", system.healthz, name="healthz"),
    path("readyz", system.readyz, name="readyz"),
]
