// Loaded before a process's own code: its clock is off by SHIFT_MINUTES. Nothing else about it changes.
const Real = Date;
const now = () => Real.now() + Number(process.env.SHIFT_MINUTES) * 60_000;
globalThis.Date = class extends Real {
  constructor(...parts) {
    super(...(parts.length === 0 ? [now()] : parts));
  }
  static now() {
    return now();
  }
};
