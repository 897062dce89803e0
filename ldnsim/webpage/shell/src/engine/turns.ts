/** Work in turns: between two of them the messages that wait are read, so that what is no longer wanted is not computed. */
export class Turns {
  private readonly tick = new MessageChannel();
  private running = false;

  /** @param turn does a part of the work, and tells whether there is more */
  constructor(turn: () => boolean) {
    this.tick.port1.onmessage = () => {
      this.running = false;
      if (turn()) this.wake();
    };
  }

  /** Sees to a next turn. */
  wake(): void {
    if (this.running) return;
    this.running = true;
    this.tick.port2.postMessage(null);
  }
}
