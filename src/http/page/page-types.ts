// What a page needs besides its content, as types: page-context.ts makes it for a request, the pages read it.
import type { Messages } from './messages/en.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** How close together the portal shows roles. */
export const densities = ['comfortable', 'compact'] as const;
export type Density = (typeof densities)[number];

export interface Announcement {
  readonly text: string;
  /** Changes with the text: another announcement is shown again. */
  readonly id: string;
}

export interface PageSession {
  readonly user: string;
  readonly displayName: string;
  readonly isAdministrator: boolean;
  /** Seconds without a request after which the session ends. */
  readonly idleSeconds: number;
  /**
   * Seconds until it ends whatever happens. Far from the end it is up to five minutes too small, so that a page stays
   * the same for that long and a browser can keep it.
   */
  readonly secondsLeft: number;
  readonly endsAt: Date;
}

export interface PageContext {
  readonly portalName: string;
  /** Whom to ask, in the administrators' words. */
  readonly help: string;
  readonly text: Messages;
  readonly theme: Theme;
  readonly density: Density;
  /** Where the reader is: the way back after changing language or colours. */
  readonly path: string;
  readonly hasLogo?: boolean;
  readonly hasColor?: boolean;
  /** What the administrators announce to everyone, unless the reader dismissed it. */
  readonly announcement?: Announcement | undefined;
  /** Undefined without a signed-in person. */
  readonly session?: PageSession | undefined;
}
