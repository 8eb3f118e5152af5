// Which tables there are, so that they can be counted.
import { algorithms } from '../cases/algorithms.ts';
import { canonicalization } from '../cases/canonicalization.ts';
import { conditions } from '../cases/conditions.ts';
import { donors } from '../cases/donors.ts';
import { encryption } from '../cases/encryption.ts';
import { padding } from '../cases/padding.ts';
import { responses } from '../cases/response.ts';
import { signatures } from '../cases/signatures.ts';
import { subjects } from '../cases/subject.ts';
import { syntax } from '../cases/syntax.ts';
import { wrapping } from '../cases/wrapping.ts';
import type { Attack } from './attack.ts';

export type Families = Readonly<Record<string, readonly Attack[]>>;

/** Attacks on how a message is written and signed. */
export const structure: Families = {
  'signature presence and coverage': signatures,
  'signature wrapping': wrapping,
  'documents for something else': donors,
  'markup and encodings': syntax,
  'names and canonical forms': canonicalization,
  'unsigned padding': padding,
};

/** Attacks on what it says, and with which keys and algorithms. */
export const semantics: Families = {
  'algorithms and keys': algorithms,
  encryption,
  'the Response': responses,
  'subject and confirmation': subjects,
  'conditions, times and statements': conditions,
};
