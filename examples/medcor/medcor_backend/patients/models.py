from django.db import models


class Patient(models.Model):
    name = models.CharField(max_length=200)
    born = models.DateField()

    class Meta:
        ordering = ["born"]

    def __str__(self):
        return self.name
