/** Most that the monotonic clock gains or loses, as a share: an oscillator's tolerance, and the kernel's own bending. */
export const DRIFT_MAX = 200e-6;
