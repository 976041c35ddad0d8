/** Is anything wrong now? The answer, two charts in which only what deviates has colour, the services worst first. */
import type { CausesResponse, RedResponse, ServicesResponse } from '@aode/wire/hub-api';
import { type ReactNode, useMemo, useState } from 'react';
import { useBoard } from '../data/board.tsx';
import { hueColour, useHue } from '../data/hues.tsx';
import { useCauses, useRed, useServices } from '../data/queries.ts';
import { linearTicks } from '../data/scale.ts';
import { errorShares, serviceStates, type ServiceState } from '../data/service-state.ts';
import { EmptyRange } from '../panels/empty-range.tsx';
import { OverviewAnswer } from '../panels/overview-answer.tsx';
import { Bones, ErrorNotice, Part } from '../panels/page-parts.tsx';
import { ServiceTable } from '../panels/service-table.tsx';
import { type ChartLine, TimeChart } from '../panels/time-chart.tsx';
import { flat } from '../words/format.ts';
import { useWords } from '../words/words.tsx';

/** More lines with colour and label than this are not told apart. */
const HEROES_MAX = 5;

export function OverviewPage(): ReactNode {
  const { text } = useWords();
  const { state } = useBoard();
  const services = useServices(state.range);
  const red = useRed(state.range);
  const causes = useCauses(state.range);
  const states = useStates(services.data, red.data, causes.data, state.service);
  const error = services.error ?? red.error ?? causes.error;
  return (
    <>
      <OverviewAnswer states={states} causes={causes.data} />
      <ErrorNotice error={error} />
      {services.data !== undefined && services.data.services.length === 0 && <EmptyRange />}
      {red.data === undefined ? (
        <Bones count={5} />
      ) : (
        <Charts states={states ?? []} red={red.data} causes={causes.data} />
      )}
      <Part title={text('services')} note={text('worstFirst')}>
        {states === undefined || red.data === undefined ? (
          <Bones count={12} />
        ) : (
          <ServiceTable states={states} red={red.data} causes={causes.data} />
        )}
      </Part>
    </>
  );
}

function useStates(
  services: ServicesResponse | undefined,
  red: RedResponse | undefined,
  causes: CausesResponse | undefined,
  only: string | null,
): readonly ServiceState[] | undefined {
  return useMemo(() => {
    if (services === undefined) return undefined;
    const rows = only === null ? services.services : services.services.filter((row) => row.name === only);
    return serviceStates(rows, red?.series ?? [], causes, red ?? { startUnixMs: 0, stepSeconds: 60 });
  }, [services, red, causes, only]);
}

interface ChartsProps {
  readonly states: readonly ServiceState[];
  readonly red: RedResponse;
  readonly causes: CausesResponse | undefined;
}

function Charts({ states, red, causes }: ChartsProps): ReactNode {
  const { text } = useWords();
  const [cursor, setCursor] = useState<number | null>(null);
  const { errors, latency, formats } = useChartData(states, red);
  const shared = {
    startMs: red.startUnixMs,
    stepMs: red.stepSeconds * 1000,
    count: Math.max(0, ...red.series.map((each) => each.requests.length)),
    sinceMs: causes?.state === 'fault' ? causes.faultUnixMs : null,
    cursor,
    onCursor: setCursor,
  };
  return (
    <div className="split halves">
      <Part title={text('errRate')}>
        <TimeChart label={text('errRate')} {...shared} {...errors} format={formats.share} />
      </Part>
      <Part title={text('p95long')}>
        <TimeChart label={text('p95long')} {...shared} {...latency} format={formats.duration} />
      </Part>
    </div>
  );
}

interface ChartData {
  readonly lines: readonly ChartLine[];
  readonly others: readonly (readonly (number | null)[])[];
  readonly ticks: readonly number[];
}

function useChartData(
  states: readonly ServiceState[],
  red: RedResponse,
): {
  errors: ChartData;
  latency: ChartData;
  formats: { share: (value: number) => string; duration: (value: number) => string };
} {
  const { text, fmt } = useWords();
  const hue = useHue();
  const formats = useMemo(
    () => ({
      share: (value: number) => flat(fmt.percent(value)),
      duration: (value: number) => flat(fmt.duration(value)),
    }),
    [fmt],
  );
  const data = useMemo(() => {
    const heroes = states.filter((each) => each.mood !== 'fine').slice(0, HEROES_MAX);
    const slowest = states.reduce<ServiceState | null>(
      (most, each) => ((each.p95Nano ?? 0) > (most?.p95Nano ?? -1) ? each : most),
      null,
    );
    const named = heroes.length > 0 ? heroes : states.length === 1 ? states : [];
    const names = new Set(named.map((each) => each.row.name));
    const lineOf = (name: string, values: readonly (number | null)[]): ChartLine => ({
      name,
      values,
      colour: hueColour(hue(name)),
    });
    const inSet = (set: ReadonlySet<string>) => red.series.filter((each) => set.has(each.service));
    const outOf = (set: ReadonlySet<string>) => red.series.filter((each) => !set.has(each.service));
    const total: ChartLine = { name: text('allTraffic'), values: totalShares(red), colour: 'var(--ink-2)' };
    const errorLines =
      named.length > 0 ? inSet(names).map((each) => lineOf(each.service, errorShares(each))) : [total];
    const p95Names = named.length > 0 || slowest === null ? names : new Set([slowest.row.name]);
    const errors: ChartData = {
      lines: errorLines,
      others: named.length > 0 ? outOf(names).map(errorShares) : [],
      ticks: shareTicks(errorLines),
    };
    const latencyLines = inSet(p95Names).map((each) => lineOf(each.service, each.p95Nano));
    const others = outOf(p95Names).map((each) => each.p95Nano);
    const latency: ChartData = {
      lines: latencyLines,
      others,
      ticks: linearTicks(mostOf([...latencyLines.map((line) => line.values), ...others]), 4),
    };
    return { errors, latency };
  }, [states, red, hue, text]);
  return { ...data, formats };
}

function totalShares(red: RedResponse): readonly (number | null)[] {
  const count = red.series[0]?.requests.length ?? 0;
  return Array.from({ length: count }, (_, at) => {
    const requests = red.series.reduce((sum, each) => sum + (each.requests[at] ?? 0), 0);
    const errors = red.series.reduce((sum, each) => sum + (each.errors[at] ?? 0), 0);
    return requests > 0 ? errors / requests : null;
  });
}

/** Up to 100 %, not beyond; a quiet day keeps a scale on which nothing looks like a mountain. */
function shareTicks(lines: readonly ChartLine[]): readonly number[] {
  const most = mostOf(lines.map((line) => line.values));
  return most > 0.5 ? [0, 0.25, 0.5, 0.75, 1] : linearTicks(Math.max(most, 0.002), 4);
}

function mostOf(series: readonly (readonly (number | null)[])[]): number {
  return series.reduce(
    (most, values) => values.reduce<number>((top, value) => Math.max(top, value ?? 0), most),
    0,
  );
}
