/** The formulas that Keras publishes for its optimizers, in float64 on plain numbers; they know nothing of keras/. */

/** One step on one element: the weight's new value; what is kept between steps lies in `state`. */
export type Formula = (w: number, g: number, state: number[], at: At) => number;

export interface At {
  /** 1 in the first step. */
  readonly t: number;
  readonly lr: number;
}

const [B1, B2, EPS] = [0.9, 0.999, 1e-7];

export const sgd: Formula = (w, g, _, { lr }) => w - lr * g;

export const momentum =
  (mu: number, nesterov: boolean): Formula =>
  (w, g, state, { lr }) => {
    const velocity = mu * (state[0] ?? 0) - lr * g;
    state[0] = velocity;
    return nesterov ? w + mu * velocity - lr * g : w + velocity;
  };

export const adam =
  (amsgrad: boolean): Formula =>
  (w, g, state, { t, lr }) => {
    const m = B1 * (state[0] ?? 0) + (1 - B1) * g;
    const v = B2 * (state[1] ?? 0) + (1 - B2) * g * g;
    const largest = amsgrad ? Math.max(state[2] ?? 0, v) : v;
    state.splice(0, 3, m, v, largest);
    const alpha = (lr * Math.sqrt(1 - B2 ** t)) / (1 - B1 ** t);
    return w - (alpha * m) / (Math.sqrt(largest) + EPS);
  };

export const adamax: Formula = (w, g, state, { t, lr }) => {
  const m = B1 * (state[0] ?? 0) + (1 - B1) * g;
  const u = Math.max(B2 * (state[1] ?? 0), Math.abs(g));
  state.splice(0, 2, m, u);
  return w - ((lr / (1 - B1 ** t)) * m) / (u + EPS);
};

export const nadam: Formula = (w, g, state, { t, lr }) => {
  const mu = (step: number): number => B1 * (1 - 0.5 * 0.96 ** step);
  const product = (state[2] ?? 1) * mu(t);
  const m = B1 * (state[0] ?? 0) + (1 - B1) * g;
  const v = B2 * (state[1] ?? 0) + (1 - B2) * g * g;
  state.splice(0, 3, m, v, product);
  const mHat = (mu(t + 1) * m) / (1 - product * mu(t + 1)) + ((1 - mu(t)) * g) / (1 - product);
  return w - (lr * mHat) / (Math.sqrt(v / (1 - B2 ** t)) + EPS);
};

export const rmsprop =
  (rho: number, mu: number, centered: boolean): Formula =>
  (w, g, state, { lr }) => {
    const square = rho * (state[0] ?? 0) + (1 - rho) * g * g;
    const mean = rho * (state[1] ?? 0) + (1 - rho) * g;
    const variance = centered ? square - mean * mean : square;
    const step = mu * (state[2] ?? 0) + (lr * g) / Math.sqrt(variance + EPS);
    state.splice(0, 3, square, mean, step);
    return w - step;
  };

export const adagrad: Formula = (w, g, state, { lr }) => {
  state[0] = (state[0] ?? 0.1) + g * g;
  return w - (lr * g) / Math.sqrt(state[0] + EPS);
};

export const adadelta: Formula = (w, g, state, { lr }) => {
  const rho = 0.95;
  const squares = rho * (state[0] ?? 0) + (1 - rho) * g * g;
  const delta = (-Math.sqrt((state[1] ?? 0) + EPS) / Math.sqrt(squares + EPS)) * g;
  state.splice(0, 2, squares, rho * (state[1] ?? 0) + (1 - rho) * delta * delta);
  return w + lr * delta;
};
