// Renders an overlay of deploy/kubernetes with kubectl's own Kustomize.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { kubectlPath } from '../support/parts/parts.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [member: string]: unknown;
}

/** Every object of an overlay. @throws Error with what Kustomize says about it. */
export function renderOverlay(name: string): Manifest[] {
  const folder = fileURLToPath(new URL(`../../deploy/kubernetes/overlays/${name}`, import.meta.url));
  const text = execFileSync(kubectlPath(), ['kustomize', folder], { encoding: 'utf8' });
  return parseAllDocuments(text).map((document) => document.toJS());
}
