/** What blocks of draws were found to be, the draws beside each other: a row for each output at each time. */

import type { Block } from "./solving";
import type { Numbers } from "./types";

const KEPT = 2; // pieces of memory, for the next requests
const TOGETHER = 4; // blocks that are laid out at once, so that memory is fetched once for all of them

const free: Numbers[] = [];

export class Columns {
  numbers: Numbers = new Float64Array(0);
  private readonly held = new Set<Block>();
  private waiting: Block[] = [];
  private place = 0;

  constructor(private readonly rows: number, private readonly width: number) {}

  /** Some rows, from one of them on. */
  some(first: number, rows: number): Numbers {
    this.lay();
    return this.numbers.subarray(first * this.width, (first + rows) * this.width);
  }

  /** Puts a block beside those that are there; their order tells nothing. */
  put(block: Block): void {
    if (this.held.has(block)) return;
    if (!this.held.size) this.numbers = roomOf(block.courses, this.rows * this.width);
    this.held.add(block);
    this.waiting.push(block);
    if (this.waiting.length === TOGETHER) this.lay();
  }

  /** Lays out the blocks that wait. */
  private lay(): void {
    const { numbers, place, rows, waiting, width } = this;
    const [a, b, c, d] = waiting;
    if (waiting.length === TOGETHER && waiting.every(({ n }) => n === 4))
      layFour(numbers, place, width, [a.courses, b.courses, c.courses, d.courses]);
    else
      for (let row = 0; row < rows; row++) {
        let to = row * width + place;
        for (const { n, courses } of waiting)
          for (let from = row * n, end = from + n; from < end; ) numbers[to++] = courses[from++];
      }
    for (const { n } of waiting) this.place += n;
    this.waiting = [];
  }

  /** Gives the memory back; nothing is here any more. */
  end(): void {
    if (this.numbers.length) free.unshift(this.numbers);
    free.length = Math.min(free.length, KEPT);
    this.numbers = new Float64Array(0);
    this.waiting = [];
  }
}

/** Lays out four blocks of four draws. */
function layFour(numbers: Numbers, place: number, width: number, [a, b, c, d]: Numbers[]): void {
  for (let from = 0, to = place; from < a.length; from += 4, to += width) {
    numbers[to] = a[from];
    numbers[to + 1] = a[from + 1];
    numbers[to + 2] = a[from + 2];
    numbers[to + 3] = a[from + 3];
    numbers[to + 4] = b[from];
    numbers[to + 5] = b[from + 1];
    numbers[to + 6] = b[from + 2];
    numbers[to + 7] = b[from + 3];
    numbers[to + 8] = c[from];
    numbers[to + 9] = c[from + 1];
    numbers[to + 10] = c[from + 2];
    numbers[to + 11] = c[from + 3];
    numbers[to + 12] = d[from];
    numbers[to + 13] = d[from + 1];
    numbers[to + 14] = d[from + 2];
    numbers[to + 15] = d[from + 3];
  }
}

function roomOf(kind: Numbers, size: number): Numbers {
  const k = free.findIndex((room) => room.length >= size && room.constructor === kind.constructor);
  if (k >= 0) return free.splice(k, 1)[0];
  return kind instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
}
