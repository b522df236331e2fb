/**
 * Kubernetes manifests: copies a sibling's entries in shared ConfigMaps, and the objects named after a sibling (its Deployment, Service and
 * ConfigMap, never its Secret). A copy follows its original, or gets its own file if each service has its own.
 */
import type { SourceFile } from '../source.ts';
import { kubernetes as source } from '../sources/kubernetes.ts';
import { type Adder, type Addition, type Insertion, insertLines, lineEnd, NOTHING, Uneditable } from './addition.ts';
import { adapt, renamingOf } from './entry.ts';
import { replaceName } from './rename.ts';
import { variablesIn } from './variable-maps.ts';
import { withoutAnchors } from './yaml-blocks.ts';

interface Part {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly kind: string;
  readonly name: string;
}

/** Kinds that services share, or that must not be copied. */
const NOT_COPIED =
  /^(Secret|SealedSecret|ExternalSecret|Namespace|Ingress|Kustomization|PersistentVolume|ClusterRole.*|CustomResourceDefinition)$/;

export const kubernetesAdder: Adder = {
  name: 'Kubernetes',
  matches: source.matches,
  async add(file, addition) {
    if (!source.mayHavePorts?.(file.text) || file.text.includes('{{')) return NOTHING;
    const shared = await sharedVariables(file, addition);
    const parts = await partsOf(file);
    for (const sibling of addition.siblings) {
      const own = parts.filter(({ kind, name }) => !NOT_COPIED.test(kind) && belongsTo(name, sibling.name, addition));
      const last = own.at(-1);
      if (!last) continue;
      const end = lineEnd(file.text);
      const copies = own.map(({ text }) => adapt(withoutAnchors(withoutAddresses(text)), renamingOf(sibling, addition)).trim() + end);
      const path = replaceName(file.path, sibling.name, addition.service);
      if (path === file.path) {
        const text = copies.map((copy) => `---${end}${copy}`).join('');
        return { insertions: [...shared, insertLines(file.text, contentEnd(file.text, last), text)], files: [] };
      }
      if (addition.exists(path)) throw new Uneditable(`already has a counterpart ${path}`, 0, copies.join(`---${end}`));
      return { insertions: shared, files: [{ path, model: sibling.name, text: copies.join(`---${end}`) }] };
    }
    return { insertions: shared, files: [] };
  },
};

/** A ConfigMap named after a service belongs to that service only. */
async function sharedVariables(file: SourceFile, addition: Addition): Promise<readonly Insertion[]> {
  const { parseYamlNodes } = await import('../sources/yaml.ts');
  return parseYamlNodes(file).flatMap((root) => {
    const name = root.get('metadata', 'name').scalar()?.text ?? '';
    const shared =
      root.get('kind').scalar()?.text === 'ConfigMap' && !addition.siblings.some((sibling) => belongsTo(name, sibling.name, addition));
    return shared ? variablesIn(root.get('data'), file.text, addition) : [];
  });
}

/** Whether an object's name means the sibling `auth`: `auth` does, and `auth-config` does if no other service has that name. */
function belongsTo(name: string, sibling: string, { contract }: Addition): boolean {
  for (let rest = name; rest !== ''; rest = rest.slice(0, Math.max(0, rest.lastIndexOf('-')))) {
    const service = contract.named([rest]);
    if (service) return service.name === sibling;
  }
  return false;
}

async function partsOf(file: SourceFile): Promise<readonly Part[]> {
  const { parseYamlNodes } = await import('../sources/yaml.ts');
  const marks = [...file.text.matchAll(/^---(?:[ \t].*)?\r?(?:\n|$)/gm)];
  const starts = [0, ...marks.map(({ 0: mark, index }) => index + mark.length)];
  return starts.flatMap((from, i) => {
    const to = marks[i]?.index ?? file.text.length;
    const text = file.text.slice(from, to);
    const [root] = parseYamlNodes({ path: file.path, text });
    const kind = root?.get('kind').scalar()?.text;
    const name = root?.get('metadata', 'name').scalar()?.text;
    return kind !== undefined && name !== undefined ? [{ from, to, text, kind, name }] : [];
  });
}

function contentEnd(text: string, { from, to }: Part): number {
  const blank = /\s*$/.exec(text.slice(from, to))?.[0] ?? '';
  const end = to - blank.length;
  return end + (/^[ \t]*\r?\n/.exec(text.slice(end, to))?.[0].length ?? 0);
}

/** Only one object can have a node port or a cluster address. */
function withoutAddresses(text: string): string {
  return text
    .replaceAll(/^[ \t]*(nodePort|clusterIP):(?![ \t]*["']?None)[^\r\n]*\r?\n/gm, '')
    .replaceAll(/,[ \t]*(nodePort|clusterIP):[ \t]*[\w."']+/g, '');
}
