import { show } from '../shared/panels.ts';

const time = (text: string) => new Date(text).toLocaleString();

show<{ patient_name: string; starts_at: string }>({
  title: 'Video visits',
  path: '/telehealth/visits',
  rows: 'visits',
  line: (visit) => `${visit.patient_name}, ${time(visit.starts_at)}`,
});
show<{ patient_name: string; medicine: string; dispensed_at: string | null }>({
  title: 'Prescriptions',
  path: '/pharmacy/prescriptions',
  rows: 'prescriptions',
  line: ({ patient_name, medicine, dispensed_at }) =>
    `${patient_name}: ${medicine}, ${dispensed_at ? `dispensed ${time(dispensed_at)}` : 'not yet dispensed'}`,
});
show<{ patient_name: string; channel: string; text: string }>({
  title: 'Messages',
  path: '/notifications/sent',
  rows: 'notifications',
  line: ({ patient_name, channel, text }) => `${patient_name}, by ${channel}: ${text}`,
});
