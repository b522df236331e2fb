from django.contrib import admin
from django.urls import include, path

from patients import views

api = [path("", views.index), path("patients/", views.patients)]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include(api)),
    # Behind the proxy the two backends are told apart by the version.
    path("api/v1/", include(api)),
]
