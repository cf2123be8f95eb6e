// Who works at the harbour office, whose instance the pages are looked at on.

/** Everybody's password but root's, who has never signed in and has the one of the first start. */
export const PASSWORD = 'tide-table-of-1907';

export interface Person {
  name: string;
  email: string;
  admin?: boolean;
  /** Whose password an administrator has just set: it must be changed first. */
  newcomer?: boolean;
  /** Who has done nothing yet. */
  idle?: boolean;
}

export const people: Record<string, Person> = {
  ada: { name: 'Ada Lindqvist', email: 'ada@harbour.example' },
  ben: { name: 'Ben Okafor', email: 'ben@harbour.example' },
  chiara: { name: 'Chiara Rossi', email: 'chiara@harbour.example', admin: true },
  dmitri: { name: 'Dmitri Volkov', email: 'dmitri@harbour.example' },
  emi: { name: 'Emi Tanaka', email: 'emi@harbour.example' },
  farid: { name: 'Farid Haddad', email: 'farid@contractor.example' },
  greta: { name: 'Greta Holm', email: 'greta@harbour.example', newcomer: true },
  hanna: { name: 'Hanna Berg', email: 'hanna@harbour.example', idle: true },
  ingrid: { name: 'Ingrid Sand', email: 'ingrid@harbour.example', admin: true },
};
