export { type Kind, KINDS, rankCauses, type RankedService, type Ranking, type RankOptions } from './rank.ts';
export { type FaultReport, findFault, type FindOptions, THRESHOLD_BITS } from './find-fault.ts';
export type { Test } from './calibration.ts';
export type { Window, WindowLog, WindowPoint, WindowSpan } from './window.ts';
