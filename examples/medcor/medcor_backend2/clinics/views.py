from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics.models import Appointment, Clinic


class ClinicSerializer(serializers.ModelSerializer):
    class Meta:
        model = Clinic
        fields = ["slug", "name"]


class AppointmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Appointment
        fields = ["id", "patient", "reason", "at"]


class Index(APIView):
    @extend_schema(exclude=True)
    def get(self, request):
        return Response({"service": "medcor_backend2", "clinics": request.build_absolute_uri("clinics/")})


class Clinics(generics.ListAPIView):
    queryset = Clinic.objects.all()
    serializer_class = ClinicSerializer


class Appointments(generics.ListCreateAPIView):
    queryset = Appointment.objects.none()
    serializer_class = AppointmentSerializer

    def get_queryset(self):
        return self.clinic().appointments.all()

    def perform_create(self, serializer):
        serializer.save(clinic=self.clinic())

    def clinic(self):
        return get_object_or_404(Clinic, slug=self.kwargs["clinic"])
