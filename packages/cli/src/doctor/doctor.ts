/** `aode doctor`: proves that each boundary carries the context, here or in a program. */
import { type Call, EXIT } from '../command.ts';
import { lengthMsOf } from '../time-range.ts';
import type { Diagnosis, Finding } from './diagnosis.ts';
import { isGood } from './diagnosis.ts';
import { diagnosisText } from './diagnosis-text.ts';
import { checkEnvironment } from './environment.ts';
import { findingsOf } from './findings.ts';
import { observe } from './observed-run.ts';
import { probeBoundaries } from './probes.ts';

const FOR_DEFAULT = '20s';

export async function doctor(call: Call): Promise<number> {
  const { shell, args, json, paint } = call;
  const forMs = lengthMsOf('--for', call.text('for') ?? FOR_DEFAULT);
  const environment = await checkEnvironment(call.text('hub'), shell);
  let diagnosis: Diagnosis;
  if (args.length === 0) {
    diagnosis = { environment, probes: await probeBoundaries(shell), processes: null, findings: [] };
  } else {
    const run = await observe(args, forMs, shell);
    if (run === undefined) return EXIT.unreachable;
    const findings = run.reports.length === 0 ? [NO_PROCESS] : findingsOf(run.reports, run.wasStopped);
    diagnosis = { environment, probes: null, processes: run.reports, findings };
  }
  if (json) shell.out(`${JSON.stringify(diagnosis)}\n`);
  else shell.out(diagnosisText(diagnosis, paint));
  return isGood(diagnosis) ? EXIT.good : EXIT.found;
}

const NO_PROCESS: Finding = {
  kind: 'no_process',
  severity: 'problem',
  text: 'no Node.js process has reported: was one started, and does it heed NODE_OPTIONS?',
  place: null,
  script: null,
};
