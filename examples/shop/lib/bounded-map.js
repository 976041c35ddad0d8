/** A Map that forgets its oldest entry when it is full: state in memory that may not grow for ever. */
export class BoundedMap extends Map {
  #countMax;

  constructor(countMax) {
    super();
    this.#countMax = countMax;
  }

  set(key, value) {
    if (!this.has(key) && this.size >= this.#countMax) this.delete(this.keys().next().value);
    return super.set(key, value);
  }
}
