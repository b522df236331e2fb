import { Rows } from './Rows.jsx';

const { VITE_LEGACY_URL, VITE_API_URL } = import.meta.env;

export function App() {
  return (
    <main>
      <h1>MedCor</h1>
      <Rows title="Patients" url={`${VITE_LEGACY_URL}/api/patients/`} pick={({ patients }) => patients} line={patientLine} />
      {['north', 'south'].map((clinic) => (
        <Rows
          key={clinic}
          title={`Appointments, ${clinic}`}
          url={`${VITE_API_URL}/api/clinics/${clinic}/appointments/`}
          pick={(rows) => rows}
          line={appointmentLine}
        />
      ))}
    </main>
  );
}

function patientLine({ name, born }) {
  return `${name}, born ${born}`;
}

function appointmentLine({ at, patient, reason }) {
  return `${at.slice(0, 16).replace('T', ' ')} ${patient}: ${reason}`;
}
