/** What is seen of a run: its courses on the grid of curves, and at nodes of readouts as closely as they turn. */

import { earlier } from "./alignment";
import { Follower } from "./following";
import { joined } from "./grid";
import type { Run, Watch } from "./run";
import type { Sheet } from "./sheet";

export class Watched implements Watch {
  /** Of the outputs that are read, the values at the nodes. */
  courses: Float64Array[];
  places: Int32Array;
  private readonly follower: Follower;
  /** Nodes that are looked at in another pass, and the values there. */
  private fresh: Float64Array | null = null;
  private found: Float64Array[] = [];

  /**
   * @param read which of the outputs that are looked at are read at the nodes
   * @param place which of the runs on the sheet it is
   */
  constructor(
    readonly run: Run,
    grid: Float64Array,
    nodes: Float64Array,
    smooth: number,
    private readonly read: number[],
    readonly sheet: Sheet,
    readonly place: number,
  ) {
    this.follower = new Follower(nodes, smooth);
    this.courses = read.map(() => new Float64Array(nodes.length));
    const { times, places } = joined(grid, nodes);
    this.places = places;
    run.times = times;
    run.watch = this;
    if (nodes.length) run.again = nodes[0];
  }

  get nodes(): Float64Array {
    return this.follower.nodes;
  }

  /** Whether the courses turn faster than nodes can follow. */
  get isLost(): boolean {
    return this.follower.isLost;
  }

  note(k: number, numbers: Float64Array, sources: number[], lane: number): void {
    const at = this.places[k];
    if (at >= 0) return this.sheet.note(at, this.place, numbers, lane);
    const { read } = this;
    const courses = this.fresh ? this.found : this.courses;
    for (let r = 0; r < read.length; r++) courses[r][-1 - at] = numbers[sources[read[r]] + lane];
  }

  /** Lets the run be looked at where its courses turn fast, and nowhere else; false where nothing is missing. */
  asksForMore(hours: number): boolean {
    const { run, follower, nodes } = this;
    this.rest();
    if (!nodes.length || !follower.asksForMore(this.courses, run.steps / hours)) return false;
    const fresh = without(follower.nodes, nodes);
    this.fresh = fresh;
    this.found = this.courses.map(() => new Float64Array(fresh.length));
    this.places = Int32Array.from(fresh, (_, k) => -1 - k);
    run.times = earlier(fresh, run);
    run.watch = this;
    return true;
  }

  /** Puts what was seen at the fresh nodes among the courses. */
  fillIn(): void {
    const { fresh, found, nodes } = this;
    if (!fresh) return;
    this.courses = this.courses.map((course, r) => {
      const all = new Float64Array(nodes.length);
      for (let k = 0, j = 0; k < nodes.length; k++) all[k] = nodes[k] === fresh[j] ? found[r][j++] : course[k - j];
      return all;
    });
  }

  /** Lets the run be looked at nowhere. */
  rest(): void {
    this.fresh = null;
    this.run.times = new Float64Array(0);
    this.run.watch = null;
  }
}

/** The numbers of an ascending list that are not in another one, all of whose numbers are in the first. */
function without(all: Float64Array, some: Float64Array): Float64Array {
  const found = new Float64Array(all.length - some.length);
  for (let j = 0, k = 0; j < all.length; j++)
    if (all[j] === some[k]) k++;
    else found[j - k] = all[j];
  return found;
}
