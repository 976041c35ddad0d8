/**
 * The seam over `@opentelemetry/api`: what Aode puts behind its globals, under names of its own. There is nothing
 * between them and the API, so that whoever uses one uses the other. No MeterAdapter: this SDK has no meter.
 */
import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';

/** Tracers whose spans go through Aode's own engine (docs/adr/0003). */
export interface TracerAdapter extends TracerProvider {}

/** All formats in use at once, switched by `Aode.setPropagators` (docs/guide/propagation.md). */
export interface PropagatorAdapter extends TextMapPropagator {}
