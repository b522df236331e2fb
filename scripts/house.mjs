/**
 * `npm run house` draws the rooms of src into docs/design.md: their floors from .dependency-cruiser.cjs, and an arrow for each
 * room that imports from another one, with the number of imports. `--check` fails instead when the drawing is out of date. A
 * root may follow.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix, relative, resolve } from 'node:path';
import { filesUnder } from './inputs.mjs';

const BEGIN = '<!-- house: drawn by `npm run house` -->';
const END = '<!-- /house -->';
/** All rooms import from it: its arrows would cover the others, so only their number is shown. */
const GROUND = 'model';

const { floors } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const [root = join(import.meta.dirname, '..')] = process.argv.slice(2).filter((argument) => argument !== '--check');
const page = join(resolve(root), 'docs', 'design.md');
const text = readFileSync(page, 'utf8');
const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
if (begin === -1 || end < begin) throw new Error(`${page} has no place for the house: ${BEGIN} … ${END}`);
const drawn = `${text.slice(0, begin)}${BEGIN}\n\n${drawing(importsOf(join(resolve(root), 'src')))}\n\n${text.slice(end)}`;

if (!process.argv.includes('--check')) writeFileSync(page, drawn);
else if (drawn !== text) {
  console.error('docs/design.md draws another house than src/: run `npm run house`');
  process.exitCode = 1;
} else console.log('docs/design.md draws the house as it is');

/** Files and imports of each room: `{ files, imports: room → number }`. */
function importsOf(src) {
  const rooms = new Map(floors.flat().map((room) => [room, { files: 0, imports: new Map() }]));
  for (const path of existsSync(src) ? filesUnder(src) : []) {
    const file = relative(src, path).replaceAll('\\', '/');
    const room = rooms.get(file.split('/')[0]);
    if (!room || !file.endsWith('.ts')) continue;
    room.files++;
    for (const to of modulesIn(readFileSync(path, 'utf8'))) {
      const target = posix.join(posix.dirname(file), to).split('/')[0];
      if (rooms.has(target) && rooms.get(target) !== room) room.imports.set(target, (room.imports.get(target) ?? 0) + 1);
    }
  }
  return rooms;
}

/** Relative paths of static imports, dynamic imports and exports. */
function modulesIn(code) {
  return [...code.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom '(\.[^']*)'|\bimport\('(\.[^']*)'\)|^import '(\.[^']*)'/gm)].map(
    ([, from, dynamic, bare]) => from ?? dynamic ?? bare,
  );
}

function drawing(rooms) {
  const standing = floors.map((floor) => floor.filter((room) => rooms.get(room).files > 0));
  const lines = ['```mermaid', 'flowchart TD'];
  for (const [level, floor] of [...standing.entries()].reverse()) {
    if (floor.length === 0) continue;
    lines.push(`  subgraph floor${level}["floor ${level}"]`, ...floor.map((room) => `    ${label(room, rooms.get(room))}`), '  end');
  }
  for (const floor of [...standing].reverse())
    for (const room of floor)
      for (const target of standing.flat().reverse()) {
        const count = rooms.get(room).imports.get(target);
        if (count !== undefined && target !== GROUND) lines.push(`  ${room} -->|${count}| ${target}`);
      }
  const below = standing.flatMap((floor, level) => (level === 0 ? floor : []));
  for (const room of standing[1] ?? []) for (const ground of below) lines.push(`  ${room} ~~~ ${ground}`);
  return [...lines, '```'].join('\n');
}

function label(room, { files, imports }) {
  const plural = (number, one) => `${number} ${one}${number === 1 ? '' : 's'}`;
  const toGround = imports.get(GROUND);
  return `${room}["${room}<br/>${plural(files, 'file')}${toGround === undefined ? '' : `, ${plural(toGround, 'import')} of ${GROUND}`}"]`;
}
