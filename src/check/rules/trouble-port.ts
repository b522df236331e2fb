/** D112: ports that make trouble wherever they are used. */
import { isBlockedByBrowsers } from '../../model/allocation.ts';
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
  if (isBlockedByBrowsers(port)) found.push({ why: 'browsers refuse to open it', fix: 'choose another one' });
  if (platform === 'darwin' && (port === 5000 || port === 7000))
    found.push({
      why: "macOS's AirPlay Receiver listens there",
      fix: 'turn it off in System Settings → General → AirDrop & Handoff, or choose another one',
    });
  return found;
}
