/** Workflow commands, with which GitHub shows each finding at its line. https://docs.github.com/actions/reference/workflow-commands */
import type { Finding } from '../../model/drift.ts';

/** `config`: the file at which findings about the config alone appear. `folder`: the config's folder, relative to the repository. */
export function githubLines(findings: readonly Finding[], config: string, folder: string): string {
  return findings
    .map(({ code, severity, place, message, fix }) => {
      const at = place ? { file: folder + place.file, line: place.line, col: place.column } : { file: folder + config, line: 1, col: 1 };
      const properties = Object.entries({ ...at, title: `devup ${code}` }).map(([key, value]) => `${key}=${property(String(value))}`);
      return `::${severity} ${properties.join(',')}::${data(fix === null ? message : `${message} (${fix})`)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
