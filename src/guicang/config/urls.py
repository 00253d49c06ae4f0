from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("account/", include("guicang.desk.account_urls")),
    path("my/", include("guicang.portal.urls")),
    path("api/", include("guicang.api.urls")),
    path("", include("guicang.desk.urls")),
]
