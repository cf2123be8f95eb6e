// What a test must know of the filled company: written down by fill.ts, read wherever the company is copied to.

/** The administrator's token on every copy. */
export const ROOT_TOKEN = 'glpat-harbour-office-planted-for-tests';

export const GATEWAY = 'harbour/platform/gateway';

export interface Facts {
  /** The newest commit of the gateway's main branch. */
  commit: string;
  /** The number of a user with a role in the gateway who is no bot. */
  member: number;
  /** Project tokens of the gateway by name, and personal ones of ada: their numbers. */
  projectTokens: Record<string, number>;
  personalTokens: Record<string, number>;
  /** What root must change at the first sign-in. */
  initialPassword: string;
  /** The base32 secret of chiara's second factor. */
  otpSecret: string;
}
