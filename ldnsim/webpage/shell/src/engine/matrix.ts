/** Small dense matrices, row after row. */

/** The inverse, by Gauss-Jordan elimination with row exchanges; null where the matrix is singular. */
export function inverse(matrix: Float64Array, n: number): Float64Array | null {
  const a = matrix.slice();
  const b = new Float64Array(n * n);
  for (let i = 0; i < n; i++) b[i * n + i] = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    const size = a[pivot * n + k];
    if (!(Math.abs(size) > 1e-300)) return null;
    for (const m of [a, b]) {
      for (let j = 0; j < n; j++) {
        const x = m[pivot * n + j];
        m[pivot * n + j] = m[k * n + j];
        m[k * n + j] = x / size;
      }
    }
    for (let i = 0; i < n; i++) {
      const factor = a[i * n + k];
      if (i === k || factor === 0) continue;
      for (let j = 0; j < n; j++) {
        a[i * n + j] -= factor * a[k * n + j];
        b[i * n + j] -= factor * b[k * n + j];
      }
    }
  }
  return b;
}

export function times(matrix: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) y[i] += matrix[i * n + j] * x[j];
  return y;
}

/**
 * Broyden's formula: improves an inverse, in place, so that it maps a change of the drift to the step that made it;
 * left alone where the drift did not answer to the step.
 */
export function improve(matrix: Float64Array, step: Float64Array, change: Float64Array): void {
  const n = step.length;
  const mapped = times(matrix, change);
  const row = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) row[j] += step[i] * matrix[i * n + j];
  const weight = step.reduce((sum, x, i) => sum + x * mapped[i], 0);
  if (!(weight > 0.1 * step.reduce((sum, x) => sum + x * x, 0))) return;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j] += ((step[i] - mapped[i]) * row[j]) / weight;
}
