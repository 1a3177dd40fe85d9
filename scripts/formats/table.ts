/**
 * A code table that holds its own entries and nothing else: a code such as
 * `constructor`, which anybody may send, finds nothing.
 */
export function table<T>(
  entries: Readonly<Record<string, T>>,
): Readonly<Partial<Record<string, T>>> {
  return Object.assign(
    Object.create(null) as Partial<Record<string, T>>,
    entries,
  );
}
