insert into patients (name, born) values ('Ada Lovelace', '1815-12-10'), ('Alan Turing', '1912-06-23'), ('Grace Hopper', '1906-12-09');

insert into tenants (slug, name) values ('north', 'North Clinic'), ('south', 'South Clinic');

insert into appointments (tenant, patient, starts_at, reason)
select tenant, id, date_trunc('day', now()) + day * interval '1 day' + interval '9 hours', reason
from (values
  ('north', 'Ada Lovelace', 1, 'Check-up'),
  ('north', 'Alan Turing', 2, 'Blood test'),
  ('south', 'Grace Hopper', 1, 'Eye test')
) as wanted (tenant, patient, day, reason)
join patients on patients.name = wanted.patient;
