-- The passwords are "admin" and "provider": this database is for development.
insert into users (email, name, role, password) values
  ('admin@example.org', 'Katherine Johnson', 'administrator', '8c6976e5b5410415bde908bd4dee15df:90e39c564b57f43c60aeb9382095c51f6db76ed249dc6d43e461b9b28d0d5147'),
  ('provider@example.org', 'Elizabeth Blackwell', 'provider', '5c4c1964340aca5b65393bbe9d3249cd:05f0d60bc0d9e50cf1288139936ebd9126dc11b28c3d632762c603248af1f45d');

insert into patients (name) values ('Ada Lovelace'), ('Alan Turing'), ('Grace Hopper');

insert into visits (patient, starts_at) values (1, date_trunc('day', now()) + interval '1 day 9 hours');
insert into assessments (patient, score, severity) values (2, 4, 'minimal');
insert into readings (patient, kind, value) values (3, 'heart-rate', 72);
insert into prescriptions (patient, medicine) values (1, 'Ibuprofen 400 mg');
insert into orders (patient, test) values (2, 'Complete blood count');
insert into studies (patient, modality, uid) values (3, 'MR', '2.25.329800735698586629295641978511506172918');
