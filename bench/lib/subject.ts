// What a subject of the benchmark is, and what it returns.
import type { KeyPair } from '../../emulators/keys.ts';
import type { Idp } from './idp.ts';

/** What the subjects share in one run. */
export interface Bench {
  /** How often each candidate is measured. */
  readonly rounds: number;
  /** How long the flood takes. */
  readonly seconds: number;
  /** A new folder, removed at the end. */
  readonly folder: (name: string) => string;
  readonly idp: Idp;
  readonly spKeys: KeyPair;
  /** Of a Redis without persistence. */
  readonly redisUrl: string;
  /** Progress, on stderr. */
  readonly say: (text: string) => void;
}

export interface Subject {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  run(bench: Bench): Promise<Section>;
}

/** Cells are printed as they are. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Horizontal bars on a logarithmic scale, in groups. */
export interface Chart {
  /** Of the file, without `.svg`. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly groups: readonly {
    readonly label: string;
    readonly bars: readonly { readonly label: string; readonly value: number }[];
  }[];
}

/** A figure with a limit: lower is better unless `atLeast` is set. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly unit?: string;
  readonly atLeast?: boolean;
}

export interface Section {
  readonly tables: readonly Table[];
  readonly charts?: readonly Chart[];
  readonly figures?: readonly Figure[];
  /** One paragraph each, below the tables: skipped measurements with the reason, and noisy figures. */
  readonly notes?: readonly string[];
}
