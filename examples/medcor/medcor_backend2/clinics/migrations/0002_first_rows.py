from datetime import datetime, timezone

from django.db import migrations

CLINICS = {
    ("north", "North Clinic"): [("Ada Lovelace", "Check-up", 9), ("Alan Turing", "Blood test", 10)],
    ("south", "South Clinic"): [("Grace Hopper", "Eye test", 11)],
}


def insert(apps, _schema_editor):
    clinic, appointment = apps.get_model("clinics", "Clinic"), apps.get_model("clinics", "Appointment")
    for (slug, name), appointments in CLINICS.items():
        owner = clinic.objects.create(slug=slug, name=name)
        for patient, reason, hour in appointments:
            at = datetime(2027, 1, 18, hour, tzinfo=timezone.utc)
            appointment.objects.create(clinic=owner, patient=patient, reason=reason, at=at)


class Migration(migrations.Migration):
    dependencies = [("clinics", "0001_initial")]
    operations = [migrations.RunPython(insert, migrations.RunPython.noop)]
