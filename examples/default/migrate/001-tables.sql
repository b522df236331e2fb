create table patients (
  id bigint generated always as identity primary key,
  name text not null,
  born date,
  created_at timestamptz not null default now()
);

create table tenants (
  slug text primary key,
  name text not null
);

create table appointments (
  id bigint generated always as identity primary key,
  tenant text not null references tenants (slug),
  patient bigint not null references patients (id),
  starts_at timestamptz not null,
  reason text not null,
  created_at timestamptz not null default now()
);

create index appointments_by_tenant on appointments (tenant, starts_at);
