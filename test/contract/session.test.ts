import { FakeSession } from '../rig/fake-session.ts';
import { serveSession } from '../rig/served-session.ts';
import { describeSession } from './session-suite.ts';

describeSession('faked', async () => {
  const session = new FakeSession();
  return { session, print: (service, bytes) => void session.print(service, bytes), end: async () => session.end() };
});

describeSession('faked, behind a control socket', async () => {
  const session = new FakeSession();
  const served = await serveSession(session);
  return {
    session: await served.connect(),
    print: (service, bytes) => void session.print(service, bytes),
    async end() {
      session.end();
      await served.close();
    },
  };
});
