// Whether a text says anything. The mirror of observation/says.go.

/** It holds a letter, of any script, or a digit: a full stop is no answer. */
export const says = (text: string): boolean => /[\p{L}0-9]/u.test(text);
