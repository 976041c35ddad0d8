/** The page from which faults are switched on: plain forms, no script, so it works and is read in a minute. */
import { type Fault, FAULTS } from './faults.ts';

export interface ShopState {
  readonly fault: string | null;
  readonly sinceUnixMs: number | null;
  readonly services: readonly {
    readonly name: string;
    readonly url: string;
    readonly pid: number | null;
    readonly state: string;
    readonly restarts: number;
  }[];
}

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
td.n { font-variant-numeric: tabular-nums; }
form { display: grid; grid-template-columns: 15rem 1fr; gap: 1rem; align-items: center; margin: .5rem 0; }
button { font: inherit; padding: .4rem .8rem; text-align: left; }
.on { outline: 2px solid #c5352b; }
.down { color: #c5352b; }
`;

/** Everything in it is ours, names from our own tables; it is escaped all the same. */
export function controlPage(state: ShopState): string {
  const now = state.fault === null ? 'All is well.' : `Fault on: ${escape(state.fault)}.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>Shop: faults on demand</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Shop</h1>
<p><strong>${now}</strong> Break something here, then find it on the board.</p>
${FAULTS.map((fault) => faultForm(fault, state.fault)).join('\n')}
<form method="post" action="/heal"><button>Heal</button><span>ends the fault</span></form>
<h2>Services</h2>
<table>
<tr><th>service</th><th>state</th><th>process</th><th>restarts</th><th>last log lines</th></tr>
${state.services.map(serviceRow).join('\n')}
</table>
</body>
</html>
`;
}

function faultForm({ name, title, what }: Fault, active: string | null): string {
  const mark = name === active ? ' class="on"' : '';
  const button = `<button${mark}>${escape(title)}</button>`;
  return `<form method="post" action="/faults/${name}">${button}<span>${escape(what)}</span></form>`;
}

function serviceRow({ name, pid, state, restarts }: ShopState['services'][number]): string {
  const mark = state === 'running' ? '' : ' class="down"';
  const cells = [
    `<td>${name}</td><td${mark}>${state}</td>`,
    `<td class="n">${pid ?? '–'}</td><td class="n">${restarts}</td>`,
    `<td><a href="/logs/${name}">show</a></td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
