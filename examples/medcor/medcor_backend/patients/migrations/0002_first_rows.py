from datetime import date

from django.db import migrations

PATIENTS = [("Ada Lovelace", date(1815, 12, 10)), ("Grace Hopper", date(1906, 12, 9)), ("Alan Turing", date(1912, 6, 23))]


def insert(apps, _schema_editor):
    patient = apps.get_model("patients", "Patient")
    patient.objects.bulk_create(patient(name=name, born=born) for name, born in PATIENTS)


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]
    operations = [migrations.RunPython(insert, migrations.RunPython.noop)]
