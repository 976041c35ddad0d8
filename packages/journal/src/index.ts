export { type DirectoryLock, lockDirectory } from './disk/directory-lock.ts';
export { makeDirectory } from './disk/files.ts';
export { defaultJournalDirectory } from './disk/state-directory.ts';
export type { DiskJournal, DiskJournalSettings, UnwrittenCounts } from './disk/disk-journal.ts';
export type { Cursor } from './disk/cursor-file.ts';
export { type JournalView, viewJournal } from './disk/journal-view.ts';
export { type LeftJournal, leftJournals } from './disk/left-journals.ts';
export { listJournals, openDiskJournal, type OpenJournalOptions } from './disk/open-journal.ts';
export type { RecoveredFrame, RecoveredSegment, Recovery, SegmentTrouble } from './disk/recover.ts';
export {
  type DropReason,
  type Frame,
  type FrameForm,
  type Journal,
  type JournalFrame,
  type JournalUsage,
  type OnDropped,
  PRIORITY_MAX,
} from './journal.ts';
export { createMemoryJournal, FRAME_OVERHEAD_BYTES, type MemoryJournalOptions } from './memory-journal.ts';
export { newRingMemory, RingReader, RingWriter } from './ring/frame-ring.ts';
export { encodeEnvelope, type EnvelopeParts } from './ship/envelope.ts';
export { type Connector, createOwnAgent, isOwnAgent } from './ship/connector.ts';
export {
  connectorsOf,
  createPoster,
  POST_DEFAULTS,
  type PostEffects,
  type PostOptions,
} from './ship/create-poster.ts';
export type { EndpointPoster } from './ship/endpoints.ts';
export { openHttp2 } from './ship/http2-session.ts';
export type { Poster, PostResult, RequestOptions, ShippedSignal } from './ship/otlp-post.ts';
export { type ProxyServer, type ProxySettings, readProxy } from './ship/proxy.ts';
export { REPLAY_MARK } from './ship/replay-mark.ts';
export type { TlsFiles } from './ship/tls-files.ts';
export {
  createShipper,
  type Delayed,
  type ExportRequest,
  type Settled,
  type ShipLossReason,
  type Shipper,
  type ShipperParts,
  type Takeover,
} from './ship/shipper.ts';
