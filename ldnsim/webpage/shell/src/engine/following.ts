/** Where courses turn faster than nodes lie, and which nodes are missing there; see `ldnsim.readouts.rough`. */

import { JUMP } from "./curve";

/** Of the range of a stretch: a node farther off the nodes around it asks for others, */
export const SMOOTH = 0.002;
/** the same where the equations jump by themselves, so that courses bend, */
export const BENT = 0.0005;
/** and beyond this readouts are not to be trusted. */
export const LOST = 0.1;
const NO_RANGE = 1e-3; // of the largest value of the course: a stretch that moves less is as good as constant
const SHARE = 0.25; // of the worst gap nearby: what is less follows from that one
const BESIDE = 3; // gaps on both sides of a jump that are off because of it
const UNEVEN = 0.236; // of a part: nodes in step with a swing see nothing of it
const MOST = 16; // into how many parts a gap is cut at once
const STEPS = 10; // steps of the solver to a node: where there are more, all gaps are looked into once
const ROOM = 60_000; // numbers at nodes of a trajectory, at most, or
const MORE = 2; // times as many nodes as it has anyway
const PASSES = 40;

/** The nodes of one trajectory, and how far they follow its courses. */
export class Follower {
  private readonly unread: Set<number>;
  private passes = 0;
  private off: Float64Array = new Float64Array(0);
  private readonly most: number;

  /** @param smooth how far nodes may be off the nodes around them */
  constructor(public nodes: Float64Array, private readonly smooth = SMOOTH) {
    this.most = MORE * nodes.length;
    this.unread = new Set(endsOfUnread(nodes));
  }

  /** Looks at the courses at the nodes; true where more nodes were put in, at which they are wanted again. */
  asksForMore(courses: Float64Array[], stepsPerHour: number): boolean {
    const { nodes: t, smooth } = this;
    this.off = roughness(t, courses);
    const looked = this.passes++ === 0 && stepsPerHour * this.hoursRead() > STEPS * t.length;
    const seen = looked ? new Float64Array(t.length) : this.off;
    for (let k = 0; k < t.length; k++) {
      const read = !this.unread.has(t[k]);
      if (!read) this.off[k] = 0;
      if (looked) seen[k] = read ? this.off[k] + 1.01 * smooth : 0;
    }
    if (this.passes > PASSES || !exceeds(t, seen, smooth)) return false;
    this.nodes = filled(t, seen, smooth, Math.max(Math.floor(ROOM / courses.length), this.most));
    return this.nodes.length > t.length;
  }

  /** Whether the courses still turn faster than nodes can follow. */
  get isLost(): boolean {
    return exceeds(this.nodes, this.off, LOST);
  }

  private hoursRead(): number {
    const { nodes, unread } = this;
    let hours = 0;
    for (let k = 0; k + 1 < nodes.length; k++)
      if (!(unread.has(nodes[k]) && unread.has(nodes[k + 1]))) hours += nodes[k + 1] - nodes[k];
    return hours;
  }
}

/** Ends of what nobody reads: between two jumps there is no other node. */
function endsOfUnread(t: Float64Array): number[] {
  const ends: number[] = [];
  const all = stretchesOf(t);
  for (let k = 0; k < all.length; k += 2) if (all[k + 1] === all[k] + 1) ends.push(t[all[k]], t[all[k + 1]]);
  return ends;
}

/** How far each node is off its neighbours, as a share of its stretch's range, the largest over courses. */
function roughness(t: Float64Array, courses: Float64Array[]): Float64Array {
  const off = new Float64Array(t.length);
  const ends = stretchesOf(t);
  const weights = weightsOf(t, ends);
  for (const v of courses) {
    const [least, most] = rangeOf(v, 0, v.length - 1);
    if (!(most - least < Infinity)) continue; // values are missing, or infinite
    const floor = NO_RANGE * Math.max(most, -least);
    for (let k = 0; k < ends.length; k += 2) {
      const first = ends[k];
      const last = ends[k + 1];
      if (last > first + 1) {
        const [low, high] = rangeOf(v, first, last);
        const scale = Math.max(high - low, floor);
        if (scale > 0) takeInside(off, v, weights, first, last, 1 / scale);
        off[first] = off[first + 1];
        off[last] = off[last - 1];
      } else if (last > first && most - least > floor) {
        const jump = Math.abs(v[last] - v[first]) / (most - least); // nothing is between: is it a jump?
        off[first] = Math.max(off[first], jump);
        off[last] = Math.max(off[last], jump);
      }
    }
  }
  return off;
}

/** How far the nodes inside a stretch are off the polynomial through the second nodes around them. */
function takeInside(off: Float64Array, v: Float64Array, weights: Float64Array, first: number, last: number, scale: number): void {
  for (let k = first + 1, w = 4 * k; k < last; k++, w += 4) {
    const own = v[k];
    let far = weights[w + 1] * (v[k - 1] - own) + weights[w + 2] * (v[k + 1] - own);
    if (k >= first + 3) far += weights[w] * (v[k - 3] - own);
    if (k <= last - 3) far += weights[w + 3] * (v[k + 3] - own);
    far = Math.abs(far) * scale;
    if (far > off[k]) off[k] = far;
  }
}

/** Weights of the second nodes around each node in the polynomial through them; 0 where there is none. */
function weightsOf(t: Float64Array, ends: number[]): Float64Array {
  const weights = new Float64Array(4 * t.length);
  for (let j = 0; j < ends.length; j += 2) {
    const first = ends[j];
    const last = ends[j + 1];
    for (let k = first + 1, w = 4 * k; k < last; k++, w += 4) {
      const before = t[k - 1] - t[k];
      const after = t[k + 1] - t[k];
      let near = after / (after - before);
      let next = before / (before - after);
      if (k >= first + 3) {
        const far = t[k - 3] - t[k];
        near *= far / (far - before);
        next *= far / (far - after);
        weights[w] = (before * after) / ((before - far) * (after - far));
      }
      if (k <= last - 3) {
        const far = t[k + 3] - t[k];
        near *= far / (far - before);
        next *= far / (far - after);
        weights[w + 3] = (before * after) / ((before - far) * (after - far));
        if (k >= first + 3) {
          const own = t[k - 3] - t[k];
          weights[w] *= far / (far - own);
          weights[w + 3] *= own / (own - far);
        }
      }
      weights[w + 1] = near;
      weights[w + 2] = next;
    }
  }
  return weights;
}

/** Puts nodes into the gaps beside nodes that are off; the latest first, as far as there is room. */
function filled(t: Float64Array, off: Float64Array, smooth: number, room: number): Float64Array {
  const n = t.length - 1;
  const gap = Float64Array.from({ length: n }, (_, k) => t[k + 1] - t[k]);
  const worst = gap.map((_, k) => Math.max(off[k], off[k + 1]));
  const both = gap.map((_, k) => Math.min(off[k], off[k + 1]));
  const rough = gap.map((g, k) => Number(worst[k] > smooth && g > JUMP));
  const found = Array.from(t);
  let left = room - t.length;
  for (let k = n - 1; k >= 0; k--) {
    if (!rough[k]) continue;
    const sharp = both[k] > smooth && both[k] >= SHARE * Math.max(...around(both, k, BESIDE));
    const alone = sharp && around(rough, k, 2 * BESIDE).reduce((a, b) => a + b, 0) <= 2 * BESIDE + 1;
    const parts = alone ? MOST : Math.ceil(1.2 * (worst[k] / smooth) ** 0.25);
    const narrow = Math.ceil((1.5 * gap[k]) / JUMP); // parts that are jumps, if need be
    const more = (narrow <= 2 * MOST ? narrow : Math.min(Math.max(parts, 2), MOST)) - 1;
    left -= more;
    if (left < 0) break;
    for (let j = 1; j <= more; j++) found.push(t[k] + (gap[k] * (j - UNEVEN)) / (more + 1));
  }
  return Float64Array.from(found).sort();
}

const around = (a: Float64Array, k: number, beside: number) => a.subarray(Math.max(k - beside, 0), k + beside + 1);

/** Whether nodes are off by more than a limit where others could lie closer. */
function exceeds(t: Float64Array, off: Float64Array, limit: number): boolean {
  for (let k = 0; k + 1 < t.length; k++)
    if (Math.max(off[k], off[k + 1]) > limit && t[k + 1] - t[k] > JUMP) return true;
  return false;
}

function rangeOf(v: Float64Array, first: number, last: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let k = first; k <= last; k++) {
    const x = v[k];
    if (x < low) low = x;
    if (x > high) high = x;
    if (x - x !== 0) return [-Infinity, Infinity];
  }
  return [low, high];
}

/** The first and the last node of each stretch between two jumps, one after the other. */
function stretchesOf(t: Float64Array): number[] {
  const ends: number[] = [];
  let first = 0;
  for (let last = 0; last < t.length; last++) {
    if (last + 1 < t.length && t[last + 1] - t[last] > JUMP) continue;
    ends.push(first, last);
    first = last + 1;
  }
  return ends;
}
