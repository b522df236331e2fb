from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from clinics import views

api = [
    path("", views.Index.as_view()),
    path("clinics/", views.Clinics.as_view()),
    path("clinics/<slug:clinic>/appointments/", views.Appointments.as_view()),
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include(api)),
    # Behind the proxy the two backends are told apart by the version.
    path("api/v2/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema")),
]
