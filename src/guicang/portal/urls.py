from django.urls import path

from guicang.portal.views import find

app_name = "portal"
urlpatterns = [
    path("", find.find, name="find"),
    path("code/", find.code, name="code"),
    path("leave/", find.leave, name="leave"),
    path("resume/", find.resume, name="resume"),
    path("orders/", find.mine, name="mine"),
]
