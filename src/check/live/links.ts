/** D203: each link of a running service answers. */
import { formatHostPort } from '../../model/address.ts';
import type { Finding } from '../../model/drift.ts';
import type { Service } from '../../model/service.ts';
import type { Note } from '../note.ts';
import { error } from '../rules/rule.ts';
import { isLocal } from '../sources/scan.ts';
import { answerProblem, browserRequest } from './answer.ts';
import { canAnswer, type LiveStack, type RuleResult } from './rule.ts';

export async function checkLinks(live: LiveStack): Promise<RuleResult> {
  const all = live.repository.contract.stack.services
    .filter((service) => canAnswer(service, live))
    .flatMap((service) => Object.entries(service.links).map(([title, url]) => ({ service, title, url })));
  const here = all.filter(({ service, url }) => isHere(service, url));
  const findings = await Promise.all(here.map((link) => checkLink(link, live)));
  return {
    findings: findings.flat(),
    notes: all
      .filter((link) => !here.includes(link))
      .map(({ service, title, url }): Note => {
        const text = `${service.name}:${title} was not tested: ${url} is on another machine`;
        return { kind: 'live', service: service.name, why: 'elsewhere', text };
      }),
  };
}

/** Answers of other machines say nothing about the stack. */
function isHere({ host }: Service, text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const name = hostname.replace(/^\[|\]$/g, '');
  return /^https?:$/.test(protocol) && (isLocal(name) || name === host);
}

async function checkLink(
  { service, title, url }: { service: Service; title: string; url: string },
  { ask, listeners }: LiveStack,
): Promise<readonly Finding[]> {
  const answer = await ask(browserRequest(url));
  const problem = answerProblem(answer);
  if (problem === null) return [];
  const own = listeners.filter((one) => one.service === service.name).map(({ address, port }) => formatHostPort({ host: address, port }));
  const instead = answer.kind === 'none' && own.length > 0 ? `; it listens on ${[...new Set(own)].join(' and ')}` : '';
  return [
    error('D203', `the link ${title} of ${service.name} does not answer: ${url} (${problem}${instead})`, null, {
      service: service.name,
      port: service.ports[0]?.port ?? null,
      expected: 'an answer below 400',
      found: problem,
      fix: `correct links of ${service.name}, or see  devup logs ${service.name}`,
    }),
  ];
}
