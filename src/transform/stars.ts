/** Stands for the hidden part of a value. Always three, so that the length of what is hidden does not show. */
export const STARS = '***';
