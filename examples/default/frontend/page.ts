/** Asks both backends every two seconds and shows their answers, or that one is down. */

interface Patient {
  readonly id: number;
  readonly name: string;
  readonly born: string | null;
}

interface Appointment {
  readonly patient: string;
  readonly starts_at: string;
  readonly reason: string;
}

interface Tenant {
  readonly slug: string;
  readonly name: string;
}

// From orchestrator.config.ts: the page itself knows no port.
const { VITE_BACKEND_URL: backend, VITE_BACKEND2_URL: backend2 } = import.meta.env;

async function patients(): Promise<string[]> {
  const answer = await ask<{ patients: Patient[] }>(`${backend}/api/v1/patients`);
  return answer.patients.map(({ id, name, born }) => `${id}. ${name}${born ? `, born ${born}` : ''}`);
}

async function appointments(): Promise<string[]> {
  const { tenants } = await ask<{ tenants: Tenant[] }>(`${backend2}/api/v2/tenants`);
  const lists = tenants.map(async ({ slug, name }) => {
    const answer = await ask<{ appointments: Appointment[] }>(`${backend2}/api/v2/tenants/${slug}/appointments`);
    return answer.appointments.map((a) => `${name}: ${a.patient}, ${new Date(a.starts_at).toLocaleString()}, ${a.reason}`);
  });
  return (await Promise.all(lists)).flat();
}

async function ask<Body>(url: string, init?: RequestInit): Promise<Body> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5000) });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? `status ${response.status}`);
  return body as Body;
}

function element<Kind extends Element>(section: string, selector: string): Kind {
  return document.querySelector(`#${section} ${selector}`) as Kind;
}

async function show(section: string, url: string, rows: () => Promise<string[]>): Promise<void> {
  const state = element(section, '.state');
  element(section, 'small').textContent = url;
  try {
    const items = (await rows()).map((text) => Object.assign(document.createElement('li'), { textContent: text }));
    element(section, 'ul').replaceChildren(...items);
    state.textContent = `${items.length} rows, ${new Date().toLocaleTimeString()}`;
    state.classList.remove('failed');
  } catch (error) {
    state.textContent = `no answer: ${(error as Error).message}`;
    state.classList.add('failed');
  }
}

const showPatients = () => show('patients', backend, patients);
const showAppointments = () => show('appointments', backend2, appointments);

element<HTMLFormElement>('patients', 'form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  await show('patients', backend, async () => {
    const body = JSON.stringify({ name: new FormData(form).get('name') });
    await ask(`${backend}/api/v1/patients`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    form.reset();
    return patients();
  });
});

async function refresh(): Promise<void> {
  await Promise.all([showPatients(), showAppointments()]);
  setTimeout(refresh, 2000);
}
refresh();
