/** A record of the model while a decoder fills it in: its own fields can be set, its lists appended to. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };
