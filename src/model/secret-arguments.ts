/**
 * Finds the secrets among the words of a command line: options with one letter mean a password in one program and a port in another, so
 * they are read by program (`mysql -p…`, `redis-cli -a …`, `curl -u user:…`).
 */
import { isSecretArgument, isSecretName, MASK } from './secret-name.ts';

interface Program {
  readonly name: RegExp;
  /** The secret is the next word, or the rest of this one. */
  readonly options?: RegExp;
  /** The secret is the rest of the word; the next word is something else. */
  readonly joined?: RegExp;
  /** The secret is what follows the first separator of the value: `user:password`. */
  readonly logins?: readonly (readonly [option: RegExp, separator: string])[];
  /** Options count only after this word. */
  readonly after?: RegExp;
  /** The operands after this word that are secret, counted from 0. */
  readonly operands?: readonly (readonly [after: RegExp, from: number, to: number])[];
  /** Another program follows as the first operand. */
  readonly wraps?: true;
}

const PROGRAMS: readonly Program[] = [
  { name: /^(?:mysql|mariadb)(?:-?[a-z]+)?$|^mycli$/, joined: /^-p(?=.)/ },
  { name: /^(?:redis|valkey|keydb)-(?:cli|benchmark)$/, options: /^-a/ },
  {
    name: /^curl$/,
    logins: [
      [/^(?:-[a-zA-Z]*[uU]$|-[uU](?=.)|--(?:proxy-)?user(?:$|=))/, ':'],
      [/^(?:-b|--cookie$)/, '='],
    ],
  },
  { name: /^(?:https?|xhs?)$/, logins: [[/^(?:-a|--auth$)/, ':']] },
  { name: /^sshpass$/, options: /^-p/, wraps: true },
  { name: /^mongo(?:sh|dump|restore|export|import|stat|top|files)?$/, options: /^-p/ },
  { name: /^(?:cypher-shell|rabbitmqadmin)$/, options: /^-p/ },
  {
    name: /^(?:docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|oc|az|cf)$/,
    options: /^-p/,
    after: /^login$/,
    logins: [[/^--(?:src-|dest-)?creds(?:$|=)/, ':']],
  },
  { name: /^(?:sqlcmd|osql|bcp)$/, options: /^-P/ },
  { name: /^mosquitto_(?:pub|sub|rr)$/, options: /^-(?:P|-pw)/ },
  { name: /^ldap(?:search|add|modify|delete|whoami|passwd|compare)$/, options: /^-w/ },
  { name: /^(?:zip|unzip|ssh-keygen)$/, options: /^-[PN]/ },
  { name: /^(?:7z[ar]?|rar|unrar)$/, joined: /^-h?p(?=.)/ },
  { name: /^openssl$/, options: /^-(?:[kK]|hmac)$/, logins: [[/^-pass(?:in|out)?$/, ':']] },
  { name: /^(?:smbclient|rpcclient)$/, logins: [[/^-U/, '%']] },
  { name: /^lftp$/, logins: [[/^-u/, ',']] },
  { name: /^(?:sqlplus|expdp|impdp|rman)$/, logins: [[/^(?=[^-/]+\/)/, '/']] },
  { name: /^(?:xfreerdp3?|wlfreerdp)$/, joined: /^\/p:/ },
  { name: /^rabbitmqctl$/, operands: [[/^(?:add_user|change_password|authenticate_user)$/, 1, 1]] },
  { name: /^mc$/, operands: [[/^set$/, 2, 3]] },
  { name: /^ngrok$/, operands: [[/^(?:add-)?authtoken$/, 0, 0]] },
  { name: /^vault$/, operands: [[/^login$/, 0, 0]] },
  {
    name: /^htpasswd$/,
    operands: [
      [/^-[a-zA-Z]*n/, 1, 1],
      [/^-[a-zA-Z]*b/, 2, 2],
    ],
  },
];

const SEPARATOR = /^(?:\||\|\||&&|;|&)$/;
/** Options whose value only sounds like a program: `docker run --name mysql`. */
const NAMING = /^--(?:name|hostname|network|link|service|namespace|container-name|profile)$/;
/** `8080:80`, `127.0.0.1:5432:5432/tcp`. */
const PORT_MAPPING = /^[\d.-]*:[\d.:-]*(?:\/(?:tcp|udp))?$/;

/** The words with their secrets masked; a word without one is unchanged. */
export function maskArguments(words: readonly string[]): readonly string[] {
  const reader = new ArgumentReader();
  return words.map((word) => reader.read(word));
}

class ArgumentReader {
  #program: Program | null = null;
  #ready = true;
  /** The operands read since the word that `operands` names, and which of them are secret. */
  #operands: { count: number; readonly from: number; readonly to: number } | null = null;
  /** Masks the next word. */
  #next: ((word: string) => string) | null = null;
  #before: readonly [string, string] = ['', ''];

  read(word: string): string {
    const shown = this.#mask(word);
    this.#before = [this.#before[1], word];
    return shown;
  }

  #mask(word: string): string {
    const next = this.#next;
    this.#next = null;
    if (SEPARATOR.test(word)) {
      this.#program = null;
      return word;
    }
    if (next && word !== '') return PORT_MAPPING.test(word) ? word : next(word);
    const [set, name] = this.#before;
    if (/^--?[A-Za-z]/.test(name) && !name.includes('=') && !word.startsWith('-') && isSecretArgument(name, word)) return MASK;
    if (set === 'set' && isSecretName(name.replace(/^.*[.:]/, '')) && word !== '') return MASK;
    if (!word.startsWith('-')) return this.#readOperand(word);
    this.#awaitOperands(word);
    return this.#readOption(word);
  }

  #readOperand(word: string): string {
    if (!NAMING.test(this.#before[1])) {
      const base = word.replace(/^.*[/\\]/, '').replace(/\.exe$/, '');
      const found = base.length > 20 ? undefined : PROGRAMS.find(({ name }) => name.test(base));
      if ((found && !(found === this.#program && this.#operands)) || this.#program?.wraps) {
        this.#program = found ?? null;
        this.#ready = found?.after === undefined;
        this.#operands = null;
        return word;
      }
    }
    if (this.#program?.after?.test(word)) this.#ready = true;
    if (this.#operands === null) {
      this.#awaitOperands(word);
      return this.#readOption(word);
    }
    const { from, to } = this.#operands;
    const index = this.#operands.count++;
    return index >= from && index <= to ? MASK : word;
  }

  #awaitOperands(word: string): void {
    const found = this.#program?.operands?.find(([after]) => after.test(word));
    if (found) this.#operands = { count: 0, from: found[1], to: found[2] };
  }

  #readOption(word: string): string {
    const { options, joined, logins = [] } = this.#program ?? {};
    const option = options?.exec(word)?.[0] ?? joined?.exec(word)?.[0];
    if (option !== undefined && this.#ready) return this.#value(word, option, () => MASK);
    for (const [form, separator] of logins) {
      const by = form.exec(word)?.[0];
      if (by !== undefined) return this.#value(word, by, (value) => withoutPassword(value, separator));
    }
    return word;
  }

  #value(word: string, option: string, mask: (value: string) => string): string {
    const rest = word.slice(option.length);
    if (rest !== '') return PORT_MAPPING.test(rest) ? word : option + mask(rest);
    this.#next = mask;
    return word;
  }
}

/** A user without a password can be a token (`sk_live_…:`); without the separator the program asks for a password. */
function withoutPassword(value: string, separator: string): string {
  const at = value.indexOf(separator);
  if (at < 0) return value;
  if (at === value.length - 1) return `${MASK}${separator}`;
  if (separator !== '/') return `${value.slice(0, at + 1)}${MASK}`;
  const host = value.lastIndexOf('@');
  return `${value.slice(0, at + 1)}${MASK}${host > at ? value.slice(host) : ''}`;
}
