import { ask } from '../shared/gateway.ts';
import { show } from '../shared/panels.ts';

interface Account {
  readonly email: string;
  readonly name: string;
  readonly role: string;
}

show<{ id: number; name: string }>({
  title: 'Patients',
  path: '/api/patients',
  rows: 'patients',
  line: ({ id, name }) => `${id}. ${name}`,
});
showAccounts();

/** The accounts are for administrators, so a login comes first. */
function showAccounts(): void {
  const section = document.createElement('section');
  section.innerHTML = `<h2>Accounts</h2>
    <form>
      <input name="email" type="email" value="admin@example.org" required />
      <input name="password" type="password" placeholder="password" required />
      <button>Log in</button>
    </form>
    <p role="status"></p><ul></ul>`;
  document.querySelector('main')?.append(section);
  const [, form, status, list] = section.children as unknown as [Element, HTMLFormElement, HTMLElement, HTMLElement];
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const { token } = await ask<{ token: string }>('/auth/login', { body: Object.fromEntries(new FormData(form)) });
      const { users } = await ask<{ users: Account[] }>('/auth/users', { token });
      const lines = users.map(({ name, email, role }) => `${name}, ${email}, ${role}`);
      list.replaceChildren(...lines.map((textContent) => Object.assign(document.createElement('li'), { textContent })));
      status.textContent = '';
    } catch (error) {
      status.textContent = (error as Error).message;
    }
  });
}
