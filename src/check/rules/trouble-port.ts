/** D112: ports that make trouble wherever they are used. */
import { type Facts, type Rule, warning } from './rule.ts';

export const troublePort: Rule = (facts) =>
  facts.contract.stack.services.flatMap((service) =>
    service.ports.flatMap(({ port }) =>
      troubles(port, facts).map((trouble) =>
        warning('D112', `${service.name} is on ${port}: ${trouble.why}`, null, {
          service: service.name,
          port,
          found: String(port),
          fix: trouble.fix,
        }),
      ),
    ),
  );

interface Trouble {
  readonly why: string;
  readonly fix: string;
}

function troubles(port: number, { ephemeral, platform }: Facts): readonly Trouble[] {
  const found: Trouble[] = [];
  const range = ephemeral ? `${ephemeral[0]}-${ephemeral[1]}` : '';
  if (ephemeral && ephemeral[0] <= port && port <= ephemeral[1])
    found.push({
      why: `the system takes outgoing ports from ${range}, and any connection may hold it`,
      fix: `choose one outside ${range}`,
    });
  if (port < 1024) found.push({ why: 'below 1024 a port may need root', fix: 'choose one from 1024 on' });
  if (BLOCKED.has(port)) found.push({ why: 'browsers refuse to open it', fix: 'choose another one' });
  if (platform === 'darwin' && (port === 5000 || port === 7000))
    found.push({
      why: "macOS's AirPlay Receiver listens there",
      fix: 'turn it off in System Settings → General → AirDrop & Handoff, or choose another one',
    });
  return found;
}

/** The bad ports of the Fetch standard (https://fetch.spec.whatwg.org/#port-blocking). */
const BLOCKED = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117,
  119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
  989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);
