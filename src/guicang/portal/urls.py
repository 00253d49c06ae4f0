from django.urls import path

from guicang.portal.views import account, credit, find, gift, pictures, policy, request, returns, withdraw

app_name = "portal"
urlpatterns = [
    path("", find.find, name="find"),
    path("code/", find.code, name="code"),
    path("leave/", find.leave, name="leave"),
    path("resume/", find.resume, name="resume"),
    path("policy/", policy.index, name="policies"),
    path("policy/<str:code>.json", policy.data, name="policy_data"),
    path("policy/<str:code>/", policy.show, name="policy"),
    path("gift/", gift.find, name="gift"),
    path("gift/goods/", gift.goods, name="gift_goods"),
    path("gift/<uuid:pk>/", gift.show, name="gift_return"),
    path("gift/<uuid:pk>/sent/", gift.sent, name="gift_sent"),
    path("withdraw/", withdraw.withdraw, name="withdraw"),
    path("orders/", find.mine, name="mine"),
    path("credit/", credit.mine, name="credit"),
    path("orders/<uuid:pk>/", request.choose, name="choose"),
    path("orders/<uuid:pk>/why/", request.why, name="why"),
    path("orders/<uuid:pk>/confirm/", request.confirm, name="confirm"),
    path("orders/<uuid:pk>/submit/", request.submit, name="submit"),
    path("orders/<uuid:pk>/withdraw/", withdraw.declare, name="declare"),
    path("returns/<uuid:pk>/", returns.show, name="return"),
    path("returns/<uuid:pk>/slip/", returns.slip_page, name="slip"),
    path("returns/<uuid:pk>/slip.pdf", returns.slip_pdf, name="slip_pdf"),
    path("returns/<uuid:pk>/withdrawal.pdf", withdraw.acknowledged, name="acknowledgement"),
    path("returns/<uuid:pk>/account/", account.account, name="account"),
    path("returns/<uuid:pk>/cancelling/", returns.ask_cancel, name="cancel"),
    path("returns/<uuid:pk>/accepting/", returns.ask_accept, name="offer"),
    path("returns/<uuid:pk>/pictures/", pictures.add, name="add_pictures"),
    path("returns/<uuid:pk>/pictures/<uuid:picture_id>/", pictures.picture, name="picture"),
    path("returns/<uuid:pk>/pictures/<uuid:picture_id>/small/", pictures.picture, {"size": "small"}, name="thumbnail"),
    path("returns/<uuid:pk>/pictures/<uuid:picture_id>/remove/", pictures.remove, name="remove_picture"),
    path("returns/<uuid:pk>/<str:command>/", returns.act, name="act"),
]
