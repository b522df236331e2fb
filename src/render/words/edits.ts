/** E5xx: files of the repository that a command would change. */
import type { FailureOf } from '../../model/failure.ts';
import { harmless, shellWord } from '../text.ts';
import type { Viewer, Words } from './viewer.ts';

export function serviceExists(f: FailureOf<'E501'>, _viewer: Viewer): Words {
  return {
    what: `there is a service ${harmless(f.name)} already`,
    why: `${harmless(f.file)} declares it; nothing was changed`,
    fix: 'choose another name; devup ports shows which port it has',
  };
}

export function portNotGiven(f: FailureOf<'E502'>, _viewer: Viewer): Words {
  const what = f.port === null ? `${harmless(f.service)} gets no port` : `${harmless(f.service)} does not get ${f.port}`;
  return { what, why: unusable(f.because), fix: remedy(f) };
}

function unusable(because: FailureOf<'E502'>['because']): string {
  switch (because.kind) {
    case 'declared':
      return `${harmless(because.by)} has it`;
    case 'outside':
      return `it is outside the range of ${harmless(because.category)}, ${because.range.from}-${because.range.to}`;
    case 'other-range':
      return `it is in the range of ${harmless(because.category)}, ${because.range.from}-${because.range.to}`;
    case 'full':
      return `every port of ${harmless(because.category)} (${because.range.from}-${because.range.to}) is declared or in use`;
    case 'no-range':
      return because.category === null
        ? 'neither a category nor a port was named'
        : `the config has no range for ${harmless(because.category)}`;
  }
}

function remedy({ service, because, next }: FailureOf<'E502'>): string {
  if (because.kind === 'no-range') {
    if (because.suggestion !== null) return `did you mean ${harmless(because.suggestion)}?`;
    const [category] = because.known;
    return category === undefined || because.category !== null
      ? `say which with --port, or declare a range for the category`
      : `devup add ${shellWord(service)} --category ${shellWord(harmless(category))}${because.known.length > 1 ? `, or one of ${because.known.slice(1).map(harmless).join(', ')}` : ''}`;
  }
  if (next !== null) return `${next} is free: leave --port out, or say --port ${next}`;
  return because.kind === 'full' ? 'widen the range in the config, or say which with --port' : 'choose another one';
}

export function notEditable(f: FailureOf<'E503'>, _viewer: Viewer): Words {
  return {
    what: `${harmless(f.service)} was not added: ${harmless(f.file)}${f.line === null ? '' : `:${f.line}`} ${harmless(f.why)}`,
    why: 'there is no place in it where devup could write without a doubt; nothing was changed',
    fix: f.snippet === '' ? 'add it by hand, then: devup check' : 'put the lines above there by hand, then: devup check',
    details: f.snippet === '' ? [] : f.snippet.split('\n').map(harmless),
  };
}

const NOT_WRITTEN: Readonly<Record<FailureOf<'E504'>['why'], string>> = {
  changed: 'it has changed since it was read',
  'read-only': 'it is read-only',
  'not-utf8': 'it is not UTF-8, and writing it would change more than what is added',
  exists: 'it exists already',
  'no-space': 'the disk is full',
};

export function notWritten(f: FailureOf<'E504'>, _viewer: Viewer): Words {
  return {
    what: `${harmless(f.file)} was not written, and no other file either`,
    why: NOT_WRITTEN[f.why],
    fix: 'try again when that is mended',
  };
}

export function wouldDisagree(f: FailureOf<'E505'>, _viewer: Viewer): Words {
  return {
    what: `${harmless(f.service)} was not added: files would disagree then`,
    why: f.findings.length === 1 ? 'devup check would find one thing more' : `devup check would find ${f.findings.length} things more`,
    fix: 'choose another port with --port, or mend these first',
    details: f.findings.map(
      ({ code, message, place }) => `${code} ${harmless(message)}${place ? `  ${harmless(place.file)}:${place.line}:${place.column}` : ''}`,
    ),
  };
}
