create table users (
  email text primary key,
  name text not null,
  role text not null,
  -- Salt and scrypt hash, in hexadecimal digits.
  password text not null
);

create table patients (
  id integer generated always as identity primary key,
  name text not null
);

create table checkins (
  id integer generated always as identity primary key,
  patient integer not null references patients (id),
  at timestamptz not null default now()
);

create table visits (
  id integer generated always as identity primary key,
  patient integer not null references patients (id),
  starts_at timestamptz not null
);

create table assessments (
  id integer generated always as identity primary key,
  patient integer not null references patients (id),
  score integer not null check (score between 0 and 27),
  severity text not null,
  at timestamptz not null default now()
);

create table readings (
  id integer generated always as identity primary key,
  patient integer not null references patients (id),
  kind text not null,
  value integer not null,
  at timestamptz not null default now()
);

create table notifications (
  id integer generated always as identity primary key,
  patient integer not null references patients (id),
  channel text not null,
  text text not null,
  at timestamptz not null default now()
);

create table prescriptions (
  id integer generated always as identity primary key,
  patient integer not null references patients (id),
  medicine text not null,
  dispensed_at timestamptz
);

create table orders (
  id integer generated always as identity primary key,
  patient integer not null references patients (id),
  test text not null,
  result text
);

create table studies (
  id integer generated always as identity primary key,
  patient integer not null references patients (id),
  modality text not null,
  uid text not null unique,
  at timestamptz not null default now()
);
