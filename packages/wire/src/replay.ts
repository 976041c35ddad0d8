/**
 * What comes out of the journal of a process that is gone may have been delivered before it went. Its resource says so;
 * spans are known by their ids, lines by a name of their own.
 */

/** Attribute of a resource, true: the records may repeat what the receiver has. */
export const REPLAYED_KEY = 'aode.journal.replayed';

/** Attribute of a log record: those with the same are the same record (OpenTelemetry semantic conventions, logs). */
export const RECORD_UID_KEY = 'log.record.uid';
