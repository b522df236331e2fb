/** D103: a client connects to a port that no service of the config has. */
import type { Contract } from '../contract.ts';
import { type Judged, meantPort } from '../judge.ts';
import { oneDigitApart } from '../names.ts';
import { oneLine } from './different-port.ts';
import { error, type Rule, warning } from './rule.ts';

export const unownedTarget: Rule = ({ judged, contract }) =>
  judged.flatMap(({ reference, judgement }) => {
    if (judgement.kind !== 'unowned') return [];
    const { port, place, text } = reference;
    const meant = judgement.meant === null ? null : meantPort(port, portsOf(judgement));
    const finding = judgement.sure ? error : warning;
    return [
      finding('D103', `no service of the config listens on ${port}: ${oneLine(text)}`, place, {
        service: judgement.meant?.name ?? null,
        port: meant,
        expected: meant === null ? null : String(meant),
        found: String(port),
        fix: meant === null ? advice(port, contract) : `write ${meant} (${judgement.meant?.name})`,
        replacement: meant === null || !judgement.sure ? null : String(meant),
      }),
    ];
  });

function portsOf(judgement: Extract<Judged['judgement'], { kind: 'unowned' }>): readonly number[] {
  return judgement.meant?.ports.map(({ port }) => port) ?? [];
}

/** A near match is only a guess, so it is suggested but never written. */
function advice(port: number, { stack }: Contract): string {
  const near = stack.services.flatMap(({ name, ports }) =>
    ports.filter((one) => oneDigitApart(one.port, port)).map((one) => `${one.port} (${name})`),
  );
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'write the port of a service, or declare the one that listens there';
}
