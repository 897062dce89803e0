/** What blocks of draws were found to be, the draws beside each other: a row for each output at each time. */

import type { Block } from "./solving";
import type { Numbers } from "./types";

const KEPT = 2; // pieces of memory, for the next requests

const free: Numbers[] = [];

export class Columns {
  numbers: Numbers = new Float64Array(0);
  private readonly held = new Set<Block>();
  private place = 0;

  constructor(private readonly rows: number, private readonly width: number) {}

  /** Some rows, from one of them on. */
  some(first: number, rows: number): Numbers {
    return this.numbers.subarray(first * this.width, (first + rows) * this.width);
  }

  /** Puts a block beside those that are there; their order tells nothing. */
  put(block: Block): void {
    if (this.held.has(block)) return;
    if (!this.held.size) this.numbers = roomOf(block.courses, this.rows * this.width);
    this.held.add(block);
    const { numbers, place, rows, width } = this;
    const { n, courses } = block;
    for (let row = 0, from = 0; row < rows; row++)
      for (let to = row * width + place, end = to + n; to < end; ) numbers[to++] = courses[from++];
    this.place += n;
  }

  /** Gives the memory back; nothing is here any more. */
  end(): void {
    if (this.numbers.length) free.unshift(this.numbers);
    free.length = Math.min(free.length, KEPT);
    this.numbers = new Float64Array(0);
  }
}

function roomOf(kind: Numbers, size: number): Numbers {
  const k = free.findIndex((room) => room.length >= size && room.constructor === kind.constructor);
  if (k >= 0) return free.splice(k, 1)[0];
  return kind instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
}
