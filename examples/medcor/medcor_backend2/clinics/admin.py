from django.contrib import admin

from clinics.models import Appointment, Clinic

admin.site.register([Clinic, Appointment])
