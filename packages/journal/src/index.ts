export { type DirectoryLock, lockDirectory } from './disk/directory-lock.ts';
export { makeDirectory } from './disk/files.ts';
export { defaultJournalDirectory } from './disk/state-directory.ts';
export type { DiskJournal, DiskJournalSettings } from './disk/disk-journal.ts';
export type { Cursor } from './disk/cursor-file.ts';
export { type JournalView, viewJournal } from './disk/journal-view.ts';
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
export {
  createOwnAgent,
  createPoster,
  isOwnAgent,
  type Poster,
  type PostOptions,
  type PostResult,
  type ShippedSignal,
} from './ship/otlp-post.ts';
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
