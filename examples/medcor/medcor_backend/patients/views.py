from django.http import JsonResponse
from django.views.decorators.http import require_safe

from patients.models import Patient


@require_safe
def index(request):
    return JsonResponse({"service": "medcor_backend", "patients": request.build_absolute_uri("patients/")})


@require_safe
def patients(request):
    return JsonResponse({"patients": list(Patient.objects.values("id", "name", "born"))})
