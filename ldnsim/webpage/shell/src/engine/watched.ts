/** What is seen of a run: its courses on the grid of curves, and at nodes of readouts as closely as they turn. */

import { earlier } from "./alignment";
import { joined, placesOf } from "./grid";
import { Follower } from "./following";
import type { Run } from "./run";

export class Watched {
  /** Of the outputs that are read, the values at the nodes. */
  courses: Float64Array[] = [];
  private readonly times: Float64Array;
  private readonly follower: Follower;
  /** Nodes that are looked at in another pass. */
  private fresh: Float64Array | null = null;

  constructor(readonly run: Run, private readonly grid: Float64Array, nodes: Float64Array, smooth: number) {
    this.follower = new Follower(nodes, smooth);
    run.times = this.times = joined(grid, nodes);
    if (nodes.length) run.again = nodes[0];
  }

  get nodes(): Float64Array {
    return this.follower.nodes;
  }

  /** Whether the courses turn faster than nodes can follow. */
  get isLost(): boolean {
    return this.follower.isLost;
  }

  /** Where the times of the grid stand among these. */
  get places(): Int32Array {
    return placesOf(this.grid, this.times);
  }

  /** Reads the courses of some outputs at the nodes; `among` so many outputs that were looked at. */
  read(outputs: number[], among: number): void {
    const { values } = this.run;
    const there = placesOf(this.nodes, this.times);
    this.courses = [];
    for (const output of outputs) {
      const course = new Float64Array(there.length);
      for (let k = 0; k < there.length; k++) course[k] = values[there[k] * among + output];
      this.courses.push(course);
    }
  }

  /** Lets the run be looked at where its courses turn fast, and nowhere else; false where nothing is missing. */
  asksForMore(hours: number): boolean {
    const { run, follower, nodes } = this;
    this.rest();
    if (!nodes.length || !follower.asksForMore(this.courses, run.steps / hours)) return false;
    this.fresh = without(follower.nodes, nodes);
    run.times = earlier(this.fresh, run);
    return true;
  }

  /** Puts what was seen at the fresh nodes among the courses. */
  fillIn(outputs: number[], among: number): void {
    const { fresh, nodes, run } = this;
    if (!fresh) return;
    for (let o = 0; o < outputs.length; o++) {
      const course = this.courses[o];
      const found = new Float64Array(nodes.length);
      for (let k = 0, j = 0; k < nodes.length; k++)
        found[k] = nodes[k] === fresh[j] ? run.values[j++ * among + outputs[o]] : course[k - j];
      this.courses[o] = found;
    }
  }

  /** Lets the run be looked at nowhere. */
  rest(): void {
    this.fresh = null;
    this.run.times = this.run.values = new Float64Array(0);
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
