/** The outcome of `devup docs` for a document, or why the document could not be written. */
import type { DocumentOutcome, DocumentProblem, MarkerProblem } from '../../model/port-document.ts';

export function documentProblem(problem: DocumentProblem): string {
  switch (problem.kind) {
    case 'several-files':
      return `the markers are in ${problem.files.join(' and in ')}: choose one with --file`;
    case 'not-text':
      return `${problem.file} cannot be read as text`;
    case 'markers':
      return `${problem.file}: ${MARKERS[problem.problem]}`;
    case 'no-folder':
      return `the folder of ${problem.file} does not exist`;
  }
}

const MARKERS: Readonly<Record<MarkerProblem, string>> = {
  'no-end': 'the marker <!-- devup:ports --> has no <!-- /devup:ports --> below it',
  'no-begin': 'the marker <!-- /devup:ports --> has no <!-- devup:ports --> above it',
  several: 'the markers appear more than once',
};

export function documentOutcome({ file, changed, written }: DocumentOutcome): string {
  if (!changed) return `${file} is up to date`;
  return written ? `${file} was written` : `${file} is out of date: devup docs updates it`;
}
