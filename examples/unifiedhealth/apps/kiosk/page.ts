import { ask } from '../shared/gateway.ts';
import { show } from '../shared/panels.ts';

const form = document.createElement('form');
form.innerHTML =
  '<label>Your number <input name="patient" type="number" min="1" required /></label> <button>I am here</button> <output></output>';
document.querySelector('main')?.append(form);

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const output = form.querySelector('output') as HTMLOutputElement;
  try {
    await ask('/api/checkins', { body: { patient: Number(new FormData(form).get('patient')) } });
    output.textContent = 'Welcome. Please take a seat.';
    form.reset();
  } catch (error) {
    output.textContent = (error as Error).message;
  }
});

show<{ patient_name: string; at: string }>({
  title: 'Checked in',
  path: '/api/checkins',
  rows: 'checkins',
  line: ({ patient_name, at }) => `${patient_name}, ${new Date(at).toLocaleTimeString()}`,
});
