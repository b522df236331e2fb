/** nginx: `listen`, the servers of an `upstream`, and targets of `proxy_pass` and similar directives. Has its own scanner. */
import type { PortReference, Reference } from '../../model/drift.ts';
import { parsePort } from '../../model/port.ts';
import { placesOf } from '../places.ts';
import { type PortSource, type SourceFile, Unreadable } from '../source.ts';
import { isLocal } from './scan.ts';
import { targetsIn } from './targets.ts';

export const nginx: PortSource = {
  name: 'nginx',
  matches: (path) =>
    /(^|\/)[^/]*nginx[^/]*\.conf(\.template|\.tmpl)?$|(^|\/)[^/]*nginx[^/]*\/([^/]+\/)*[^/]+\.conf(\.template)?$|(^|\/)(sites-available|sites-enabled|conf\.d)\/[^/]+$/i.test(
      path,
    ),
  mayHavePorts: (text) => /\blisten\b|_pass\b|\bupstream\b|:\/\//.test(text),
  read(file) {
    const places = placesOf(file);
    return statements(file).flatMap(({ words, upstream }): readonly Reference[] => {
      const [directive, first] = words;
      if (!directive || !first) return [];
      if (MENTIONS.test(directive.text)) return words.slice(1).flatMap((word) => targetsIn(word.text, word.from, { places }));
      const found = addressOf(directive.text, first.text, upstream);
      if (!found) return [];
      const from = first.from + found.from;
      if (found.digits.startsWith('$')) {
        return [{ kind: 'unresolved', place: places(from, from + found.digits.length), text: first.text, why: 'variable' }];
      }
      const port = parsePort(found.digits);
      if (port === null) return [];
      const base = {
        kind: 'port',
        place: places(from, from + found.digits.length),
        port,
        text: `${directive.text} ${first.text}`,
      } as const;
      // `listen` concerns the config only if the config has an nginx service, and 80 is common inside a container.
      if (directive.text === 'listen') return [{ ...base, use: 'listen', host: null, names: ['nginx', 'proxy', 'gateway'], loose: true }];
      const names = isLocal(found.host) ? (upstream === null ? [] : [upstream]) : [found.host];
      const hints = upstream === null ? [] : [upstream];
      // An upstream's name suggests its service, but its servers may be two different services.
      return [{ ...base, use: 'target', host: found.host, names, hints } satisfies PortReference];
    });
  },
};

interface Word {
  readonly text: string;
  readonly from: number;
}

interface Statement {
  readonly words: readonly Word[];
  /** The name of the enclosing `upstream` block. */
  readonly upstream: string | null;
}

/** Throws `Unreadable` if a block is not closed. */
function statements({ text, path }: SourceFile): readonly Statement[] {
  const found: Statement[] = [];
  const blocks: { readonly upstream: string | null; readonly from: number }[] = [];
  let words: Word[] = [];
  const upstream = () => blocks.findLast((block) => block.upstream !== null)?.upstream ?? null;
  for (const match of text.matchAll(/#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|(?:\$\{\w+\}|[^\s{};"'])+/g)) {
    const [token] = match;
    if (token.startsWith('#')) continue;
    if (token === '{') {
      blocks.push({ upstream: words[0]?.text === 'upstream' ? (words[1]?.text ?? null) : null, from: match.index });
      words = [];
    } else if (token === '}') {
      if (!blocks.pop()) throw unreadable('a "}" closes nothing', match.index, { path, text });
      words = [];
    } else if (token === ';') {
      found.push({ words, upstream: upstream() });
      words = [];
    } else {
      const quoted = /^["']/.test(token);
      words.push({ text: quoted ? token.slice(1, -1) : token, from: match.index + (quoted ? 1 : 0) });
    }
  }
  const open = blocks.at(-1);
  if (open) throw unreadable('a "{" is not closed', open.from, { path, text });
  return found;
}

function unreadable(message: string, at: number, file: SourceFile): Unreadable {
  const { line, column } = placesOf(file)(at, at);
  return new Unreadable(message, line, column);
}

/** Directives whose addresses are stored, returned or allowed. */
const MENTIONS = /^(set|return|rewrite|proxy_redirect|add_header|more_set_headers|sub_filter|map)$/;
const PASSES = /^(proxy|grpc|fastcgi|uwsgi|scgi|memcached)_pass$/;

function addressOf(directive: string, value: string, upstream: string | null): { host: string; digits: string; from: number } | null {
  if (directive === 'listen') return match(/^(?:(\[[^\]]+\]|[\w.*-]+):)?(\d+|\$\{?\w+\}?)$/, value);
  if (directive === 'server' && upstream !== null) return match(/^(\[[^\]]+\]|[\w.-]+):(\d+|\$\{?\w+\}?)$/, value);
  if (PASSES.test(directive)) return match(/^(?:\w+:\/\/)?(\[[^\]]+\]|[\w.-]+):(\d+|\$\{?\w+\}?)(?:\/|$)/, value);
  return null;
}

function match(expression: RegExp, value: string): { host: string; digits: string; from: number } | null {
  const found = expression.exec(value);
  if (!found) return null;
  const [whole, host = '', digits = ''] = found;
  return { host: host.replace(/^\[|\]$/g, ''), digits, from: whole.lastIndexOf(digits) };
}
