/**
 * Most that the monotonic clock gains or loses, as a share: the tolerance of an oscillator, and by how much the kernel
 * bends it while it follows NTP.
 */
export const DRIFT_MAX = 200e-6;
